import { type Said, said } from './commands.ts'

const IMAGE = '--image=diff/app:1'

/** Most of these send protobuf. */
export const creating: readonly Said[] = [
  said(
    `create deployment web ${IMAGE} --replicas=2 --port=80 -- sleep infinity`,
    /^deployment\.apps\/web created$/m,
  ),
  said(`create deployment web ${IMAGE}`, /deployments\.apps "web" already exists/, { code: 1 }),
  said('create configmap cm --from-literal=a=b --from-literal=empty=', /^configmap\/cm created$/m),
  said(
    'create configmap Bad_Name',
    /ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
    { code: 1 },
  ),
  said('create secret generic sec --from-literal=a=b', /^secret\/sec created$/m),
  said(
    'create secret docker-registry reg --docker-username=u --docker-password=p --docker-server=x',
    /^secret\/reg created$/m,
  ),
  said('create serviceaccount sa', /^serviceaccount\/sa created$/m),
  said('create token sa --duration=10m', /^ey[\w-]+\.ey[\w-]+\./),
  said('create service clusterip cip --tcp=80:8080', /^service\/cip created$/m),
  said('create service nodeport np --tcp=80:8080', /^service\/np created$/m),
  said('create service loadbalancer lb --tcp=80:8080', /^service\/lb created$/m),
  said('create service externalname en --external-name=example.com', /^service\/en created$/m),
  said(`create job once ${IMAGE} -- true`, /^job\.batch\/once created$/m),
  said(
    `create cronjob daily ${IMAGE} '--schedule=0 0 1 1 *' -- true`,
    /^cronjob\.batch\/daily created$/m,
  ),
  said('create job now --from=cronjob/daily', /^job\.batch\/now created$/m),
  said('create quota few --hard=pods=50,count/configmaps=20', /^resourcequota\/few created$/m),
  said(
    'create poddisruptionbudget most --selector=app=web --max-unavailable=50%',
    /^poddisruptionbudget\.policy\/most created$/m,
  ),
  said(
    "create ingress way '--rule=foo.com/bar=cip:80,tls=reg'",
    /^ingress\.networking\.k8s\.io\/way created$/m,
  ),
  said(
    'create role reader --verb=get,list --resource=pods',
    /^role\.rbac\.authorization\.k8s\.io\/reader created$/m,
  ),
  said(
    'create rolebinding readers --role=reader --serviceaccount=<ns>:sa',
    /^rolebinding\.rbac\.authorization\.k8s\.io\/readers created$/m,
  ),
  said(`create deployment dry ${IMAGE} --dry-run=server -o name`, /^deployment\.apps\/dry$/m),
  said('get deployment dry', /deployments\.apps "dry" not found/, { code: 1 }),
  said(
    `run solo ${IMAGE} --env=A=b --port=80 --labels=app=solo -- sleep infinity`,
    /^pod\/solo created$/m,
  ),
  said(
    'expose deployment web --port=80 --target-port=8080 --name=websvc',
    /^service\/websvc exposed$/m,
  ),
  said('expose pod solo --port=80', /^service\/solo exposed$/m),
  said(
    'autoscale deployment web --min=1 --max=5 --cpu-percent=50',
    /^horizontalpodautoscaler\.autoscaling\/web autoscaled$/m,
  ),
  said('create -f -', /configmap\/one created\nconfigmap\/two-\w+ created/, {
    input: `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
- {apiVersion: v1, kind: ConfigMap, metadata: {generateName: two-}}
`,
  }),
  said('create -f -', /unknown field "nonsense" in io\.k8s\.api\.\S*ConfigMap/, {
    code: 1,
    input:
      'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, nonsense: 1, metadata: {name: odd}}]\n',
  }),
  said('replace -f -', /^configmap\/one replaced$/m, {
    input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {x: "y"}\n',
  }),
  said('rollout status deployment/web --timeout=60s', /deployment "web" successfully rolled out/),
  said('wait --for=condition=Ready pod/solo --timeout=60s', /^pod\/solo condition met$/m),
  said('wait --for=condition=Complete job/once --timeout=60s', /^job\.batch\/once condition met$/m),
  said(
    "wait --for=jsonpath='{.status.readyReplicas}'=2 deployment/web --timeout=60s",
    /^deployment\.apps\/web condition met$/m,
  ),
  said(
    'wait --for=condition=Nope deployment/web --timeout=1s',
    /timed out waiting for the condition on deployments\/web/,
    { code: 1 },
  ),
]
