import { type Said, said } from './commands.ts'

const shop = (replicas: number, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: "${image}", args: [sleep, infinity]}]
`
const first = shop(2, 'diff/app:1')
const second = shop(3, 'diff/app:2')
const part = (name: string, a: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, labels: {part: x}}
data: {a: "${a}"}
`
const env = (name: string) =>
  `'{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"${name}","value":"1"}]}]}}}}'`

export const changing: readonly Said[] = [
  said('apply -f -', /^configmap\/part created$/m, { input: part('part', '1') }),
  said('apply -f -', /^configmap\/part unchanged$/m, { input: part('part', '1') }),
  said('diff -f -', /^- {2}a: "1"\n\+ {2}a: "2"$/m, { code: 1, input: part('part', '2') }),
  said('apply -f -', /^configmap\/part configured$/m, { input: part('part', '2') }),
  said('apply --server-side -f -', /^configmap\/part serverside-applied$/m, {
    input: part('part', '3'),
  }),
  said('apply --prune -l part=x -f -', /configmap\/next created[\s\S]*configmap\/part pruned/, {
    input: part('next', '1'),
  }),
  said('apply -f -', /unknown field "spec\.replica"/, {
    code: 1,
    input: first.replace('replicas', 'replica'),
  }),
  said('apply -f -', /no matches for kind "Deployments" in version "apps\/v1"/, {
    code: 1,
    input: first.replace('Deployment', 'Deployments'),
  }),
  said(
    'apply --server-side --field-manager=ci -f -',
    /^deployment\.apps\/shop serverside-applied$/m,
    { input: first },
  ),
  said('apply --server-side --field-manager=other -f -', /conflicts? with "ci"/, {
    code: 1,
    input: second,
  }),
  said('apply -f -', /^deployment\.apps\/shop configured$/m, { input: second }),
  said('diff --server-side -f -', /^- {2}replicas: 3\n\+ {2}replicas: 2$/m, {
    code: 1,
    input: first,
  }),
  said('apply --dry-run=server -f -', /^deployment\.apps\/shop configured \(server dry run\)$/m, {
    input: first,
  }),
  said('apply view-last-applied deployment/shop', /^ {2}replicas: 3$/m),
  said(`patch deployment shop -p ${env('A')}`, /^deployment\.apps\/shop patched$/m),
  said(`patch deployment shop -p ${env('B')}`, /^deployment\.apps\/shop patched$/m),
  said(
    "get deployment shop -o jsonpath='{.spec.template.spec.containers[*].env[*].name}'",
    /^B A$/,
  ),
  said(
    `patch deployment shop --type=merge -p '{"metadata":{"annotations":{"a":"b"}}}'`,
    /^deployment\.apps\/shop patched$/m,
  ),
  said(
    `patch deployment shop --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'`,
    /^deployment\.apps\/shop patched$/m,
  ),
  said(
    `patch deployment shop --type=json -p '[{"op":"remove","path":"/spec/nope"}]'`,
    /the server rejected our request due to an error in our request/,
    { code: 1 },
  ),
  said(
    `patch deployment shop --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'`,
    /^scale\.autoscaling\/shop patched$/m,
  ),
  said(
    `patch deployment shop -p '{"spec":{"replicas":"x"}}'`,
    /patch: Invalid value: "map\[spec:map\[replicas:x\]\]": unrecognized type: int32/,
    { code: 1 },
  ),
  said('set image deployment/shop main=diff/app:3', /^deployment\.apps\/shop image updated$/m),
  said('set image deployment/shop nope=diff/app:3', /unable to find container named "nope"/, {
    code: 1,
  }),
  said('set env deployment/shop C=3 B-', /^deployment\.apps\/shop env updated$/m),
  said('set env deployment/shop --list', /^A=1\nC=3$/m),
  said(
    'set resources deployment/shop --limits=cpu=200m --requests=cpu=100m',
    /^deployment\.apps\/shop resource requirements updated$/m,
  ),
  said('set serviceaccount deployment/shop sa', /^deployment\.apps\/shop serviceaccount updated$/m),
  said('set selector svc np app=web', /^service\/np selector updated$/m),
  said('rollout status deployment/shop --timeout=60s', /deployment "shop" successfully rolled out/),
  said('scale deployment/shop --replicas=4', /^deployment\.apps\/shop scaled$/m),
  said(
    'scale deployment/shop --replicas=1 --current-replicas=9',
    /Expected replicas to be 9, was 4/,
    { code: 1 },
  ),
  said('scale configmap/cm --replicas=2', /the server could not find the requested resource/, {
    code: 1,
  }),
  said('scale deployment/nope --replicas=2', /deployments\.apps "nope" not found/, { code: 1 }),
  said('rollout history deployment/shop', /^REVISION +CHANGE-CAUSE\n1 /m),
  said('rollout history deployment/shop --revision=1', /Image:\tdiff\/app:1/),
  said('rollout undo deployment/shop', /^deployment\.apps\/shop rolled back$/m),
  said(
    'rollout undo deployment/shop --to-revision=99',
    /unable to find specified revision 99 in history/,
    { code: 1 },
  ),
  said('rollout restart deployment/shop', /^deployment\.apps\/shop restarted$/m),
  said('rollout pause deployment/shop', /^deployment\.apps\/shop paused$/m),
  said('rollout restart deployment/shop', /can't restart paused deployment/, { code: 1 }),
  said('rollout resume deployment/shop', /^deployment\.apps\/shop resumed$/m),
  said('rollout status deployment/shop --timeout=60s', /deployment "shop" successfully rolled out/),
  said('label pod solo x=1', /^pod\/solo labeled$/m),
  said('label pod solo x=2', /'x' already has a value \(1\), and --overwrite is false/, {
    code: 1,
  }),
  said('label pod solo x-', /^pod\/solo unlabeled$/m),
  said('label pods --all y=1', /^pod\/solo labeled$/m),
  said(
    'annotate deployment shop kubernetes.io/change-cause=why',
    /^deployment\.apps\/shop annotated$/m,
  ),
  said('edit configmap cm', /^configmap\/cm edited$/m, { edit: 's/a: b/a: edited/' }),
  said("get configmap cm -o jsonpath='{.data.a}'", /^edited$/),
  said('edit configmap cm', /Edit cancelled, no changes made/, { edit: 's/a/a/' }),
  said('taint node node-1 k=v:NoSchedule', /^node\/node-1 tainted$/m, { only: 'nodes' }),
  said('taint node node-1 k=v:NoSchedule', /already has k taint\(s\) with same effect\(s\)/, {
    code: 1,
    only: 'nodes',
  }),
  said('taint node node-1 k:NoSchedule-', /^node\/node-1 untainted$/m, { only: 'nodes' }),
  said('cordon node-2', /^node\/node-2 cordoned$/m, { only: 'nodes' }),
  said('cordon node-2', /^node\/node-2 already cordoned$/m, { only: 'nodes' }),
  said('get node node-2', /^node-2 +Ready,SchedulingDisabled /m, { only: 'nodes' }),
  said(
    'drain node-2 --force --ignore-daemonsets --delete-emptydir-data --timeout=60s',
    /^node\/node-2 drained$/m,
    { only: 'nodes' },
  ),
  said('uncordon node-2', /^node\/node-2 uncordoned$/m, { only: 'nodes' }),
]

export const removing: readonly Said[] = [
  said('delete configmap one', /^configmap "one" deleted/m),
  said('delete pod nope', /pods "nope" not found/, { code: 1 }),
  said('delete pod nope --ignore-not-found', /^$/),
  said('delete configmap cm --dry-run=server', /^configmap "cm" deleted .*\(server dry run\)$/m),
  said('delete deployment web --cascade=orphan', /^deployment\.apps "web" deleted/m),
  said('get rs -l app=web -o name', /^replicaset\.apps\/web-\w+$/m),
  said(
    'delete rs -l app=web --cascade=foreground --timeout=60s',
    /^replicaset\.apps "web-\w+" deleted/m,
  ),
  said('get pods -l app=web', /No resources found/),
  said('delete job once --cascade=background', /^job\.batch "once" deleted/m),
  said('delete deployment shop --wait=false', /^deployment\.apps "shop" deleted/m),
  said('wait --for=delete pod -l app=shop --timeout=60s', /^(?:pod\/shop-\S+ condition met\n?)*$/m),
  said('delete svc --all', /^service "np" deleted/m),
  said('delete pods --all --now', /^$|pod "\S+" deleted/m),
]
