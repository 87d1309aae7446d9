import { type Said, said } from './commands.ts'

export const reading: readonly Said[] = [
  said('get deployment web', /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +2\/2 +2 +2 +\d+s$/m),
  said(
    'get deployment web -o wide',
    /^NAME +READY .* CONTAINERS +IMAGES +SELECTOR\nweb .* app +diff\/app:1 +app=web$/m,
  ),
  said('get deploy web --subresource=scale', /^NAME +DESIRED +AVAILABLE +AGE\nweb +2 +2 /m),
  said('get svc', /^lb +LoadBalancer +[\d.]+ +<pending> +80:\d+\/TCP/m),
  said('get svc en', /^en +ExternalName +<none> +example\.com +<none>/m),
  said('get hpa', /^web +Deployment\/web +cpu: <unknown>\/50% +1 +5 +0 /m),
  said('get quota', /^few +count\/configmaps: \d\/20, pods: \d\/50/m),
  said(
    'get cronjob -o wide',
    /^daily +0 0 1 1 \* +<none> +False +0 +<none> +\d+s +daily +diff\/app:1 +<none>$/m,
  ),
  said('get job once', /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nonce +Complete +1\/1 /m),
  said('get ingress', /^NAME +CLASS +HOSTS +ADDRESS +PORTS +AGE\nway +<none> +foo\.com +80, 443 /m),
  said('get pdb', /^most +N\/A +50% +1 /m),
  said('get role,rolebinding', /rolebinding\.rbac\.authorization\.k8s\.io\/readers +Role\/reader /),
  said('get secret', /^reg +kubernetes\.io\/dockerconfigjson +1 /m),
  said(
    'get priorityclass system-node-critical',
    /^system-node-critical +2000001000 +false .* PreemptLowerPriority$/m,
  ),
  said(
    'get nodes -o wide',
    /^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME$/m,
  ),
  said(
    'get pods -A --field-selector metadata.name=solo,metadata.namespace=<ns> -o name',
    /^pod\/solo$/m,
  ),
  said('get pods --field-selector spec.foo=bar', /field label not supported: spec\.foo/, {
    code: 1,
  }),
  said(
    "get pods -l 'app in (web,solo)' -o jsonpath='{.items[*].metadata.labels.app}'",
    /^web web solo|solo web web$/,
  ),
  said(
    'get pods -l app=solo -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image',
    /^NAME +IMAGE\nsolo +diff\/app:1$/m,
  ),
  said("get deploy web -o go-template='{{.spec.replicas}}'", /^2$/m),
  said('get pods -l app=web --chunk-size=1 -o name', /^pod\/web-\S+\npod\/web-\S+$/m),
  said('get pods -w --request-timeout=2s', /^solo +1\/1 +Running/m),
  said(
    'get cronjob daily -o yaml',
    /^ {2}jobTemplate:\n {4}metadata:\n {6}name: daily\n {4}spec:\n {6}template:\n {8}metadata: \{\}\n/m,
  ),
  said('get pod nope', /pods "nope" not found/, { code: 1 }),
  said('get nonsense', /the server doesn't have a resource type "nonsense"/, { code: 1 }),
  said(
    'describe deployment web',
    /^Replicas: +2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable$/m,
  ),
  said('describe pod solo', /^QoS Class: +BestEffort$/m),
  said('describe quota few', /^pods +\d +50$/m),
  said('describe cronjob daily', /^Parallelism: +<unset>\nCompletions: +<unset>$/m),
  said('describe svc np', /^NodePort: +80-8080 +\d+\/TCP$/m),
  said(
    'describe hpa web',
    /^ {2}resource cpu on pods {2}\(as a percentage of request\): +<unknown> \/ 50%$/m,
  ),
  said('describe ingress way', /reg terminates foo\.com/),
  said('describe role reader', /pods +\[\] +\[\] +\[get list\]/),
  said('explain pods.spec.containers.image', /^FIELD: image <string>$/m),
  said(
    'explain nope',
    /the server doesn't have a resource type "nope"|couldn't find resource for "nope"/,
    { code: 1 },
  ),
  said('api-resources --api-group=apps', /^deployments +deploy +apps\/v1 +true +Deployment$/m),
  said('api-versions', /^autoscaling\/v2\nbatch\/v1$/m),
  said('version', /^Server Version: v1\.3\d\./m),
  said('cluster-info', /Kubernetes control plane.* is running at/),
  said('auth can-i create pods', /^yes$/m),
  said('auth can-i --list', /^Resources +Non-Resource URLs +Resource Names +Verbs$/m),
  said('auth whoami', /^Username +\S+$/m),
  said('top pods', /Metrics API not available/, { code: 1 }),
  said('events --for deployment/web', /Scaled up replica set web-\S+ from 0 to 2/),
  said(
    'get events --field-selector involvedObject.name=solo',
    /Successfully assigned <ns>\/solo to /,
  ),
  said('logs solo', /^$/, { only: 'containers' }),
  said('logs solo --previous', /previous terminated container "solo" in pod "solo" not found/, {
    code: 1,
    only: 'containers',
  }),
  said('logs nope', /pods "nope" not found/, { code: 1 }),
  said('logs -l app=web --prefix --tail=1', /^$/, { only: 'containers' }),
  said('exec solo -- echo hello', /^hello$/m, { only: 'containers' }),
  said("exec solo -- sh -c 'exit 4'", /command terminated with exit code 4/, {
    code: 4,
    only: 'containers',
  }),
  said('exec -i solo -- cat', /^some input$/m, { input: 'some input\n', only: 'containers' }),
  said('exec -i solo -- sh', /^hello\ncommand terminated with exit code 5$/m, {
    input: 'echo hello; exit 5',
    code: 5,
    only: 'containers',
  }),
  said('port-forward pod/solo :80', /nothing can be forwarded to their ports/, {
    code: 1,
    only: 'no such thing here',
  }),
  said('cp solo:/etc/hostname /dev/null', /exec: "tar": executable file not found/, {
    code: 1,
    only: 'no such thing here',
  }),
  said(
    'get crd nope.example.com',
    /customresourcedefinitions\.apiextensions\.k8s\.io "nope\.example\.com" not found/,
    { code: 1 },
  ),
]
