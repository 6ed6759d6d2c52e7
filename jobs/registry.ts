import { bulkActJob } from '@/server/act-on-items'
import { refillJob } from '@/server/refill-queue'
import { evaluateJob } from '@/server/run-evaluation'
import { freezeJob } from '@/server/run-freeze'
import { importJob } from '@/server/run-import'
import type { JobKind } from '@/server/run-job'
import { predictJob } from '@/server/run-predictions'
import { sendBackJob } from '@/server/run-send-back'
import { trainModelJob } from '@/server/run-training'
import { succeedJob } from '@/server/succeed-version'
import { weighJob } from '@/server/weigh-answers'

/** Every kind of job. A new one adds its line. */
export const jobKinds: Readonly<Record<string, JobKind>> = {
  import: importJob,
  'bulk-act': bulkActJob,
  'refill-queue': refillJob,
  predict: predictJob,
  'train-model': trainModelJob,
  'freeze-dataset': freezeJob,
  'succeed-version': succeedJob,
  evaluate: evaluateJob,
  'weigh-answers': weighJob,
  'send-back': sendBackJob,
}
