import type { AnyRoute } from './route'
import { accountRoutes } from './routes/account'
import { actionRoutes } from './routes/actions'
import { adjudicationRoutes } from './routes/adjudications'
import { agreementRoutes } from './routes/agreement'
import { arrivalRoutes } from './routes/arrivals'
import { bulkActRoutes } from './routes/bulk-acts'
import { datasetArchiveRoutes } from './routes/dataset-archive'
import { datasetCardRoutes } from './routes/dataset-cards'
import { datasetCheckRoutes } from './routes/dataset-checks'
import { datasetRoutes } from './routes/datasets'
import { evaluationRoutes } from './routes/evaluations'
import { exploreRoutes } from './routes/explore'
import { findRoutes } from './routes/find'
import { gateRoutes } from './routes/gates'
import { goldRoutes } from './routes/gold'
import { importRoutes } from './routes/imports'
import { inviteRoutes } from './routes/invites'
import { jobRoutes } from './routes/jobs'
import { keyboardRoutes } from './routes/keyboard'
import { keyRoutes } from './routes/keys'
import { learningRoutes } from './routes/learning'
import { lineageRoutes } from './routes/lineage'
import { loopRoutes } from './routes/loop'
import { mediaRoutes } from './routes/media'
import { memberRoutes } from './routes/members'
import { mlflowRoutes } from './routes/mlflow'
import { modelRoutes } from './routes/models'
import { monitorRoutes } from './routes/monitors'
import { outcomeRoutes } from './routes/outcomes'
import { peopleDataRoutes } from './routes/people-data'
import { projectRoutes } from './routes/projects'
import { queueActRoutes } from './routes/queue-acts'
import { retrainingRoutes } from './routes/retraining'
import { reviewRoutes } from './routes/review'
import { serviceRoutes } from './routes/service'
import { servingRoutes } from './routes/serving'
import { settingsRoutes } from './routes/settings'
import { specificationRoutes } from './routes/specification'
import { studyRoutes } from './routes/study'
import { workbenchRoutes } from './routes/workbench'

/** Every route of the API; the permission matrix walks this list. */
export const routes: readonly AnyRoute[] = [
  ...serviceRoutes,
  ...accountRoutes,
  ...keyboardRoutes,
  ...projectRoutes,
  ...memberRoutes,
  ...inviteRoutes,
  ...keyRoutes,
  ...settingsRoutes,
  ...actionRoutes,
  ...loopRoutes,
  ...outcomeRoutes,
  ...mediaRoutes,
  ...peopleDataRoutes,
  ...studyRoutes,
  ...exploreRoutes,
  ...findRoutes,
  ...bulkActRoutes,
  ...datasetArchiveRoutes,
  ...datasetCheckRoutes,
  ...datasetRoutes,
  ...datasetCardRoutes,
  ...lineageRoutes,
  ...modelRoutes,
  ...mlflowRoutes,
  ...monitorRoutes,
  ...servingRoutes,
  ...gateRoutes,
  ...retrainingRoutes,
  ...evaluationRoutes,
  ...importRoutes,
  ...jobRoutes,
  ...reviewRoutes,
  ...adjudicationRoutes,
  ...agreementRoutes,
  ...specificationRoutes,
  ...goldRoutes,
  ...workbenchRoutes,
  ...queueActRoutes,
  ...arrivalRoutes,
  ...learningRoutes,
]
