import { freezeJob } from '@/server/run-freeze'
import { importJob } from '@/server/run-import'
import type { JobKind } from '@/server/run-job'

/** Every kind of job. A new one adds its line. */
export const jobKinds: Readonly<Record<string, JobKind>> = {
  import: importJob,
  'freeze-dataset': freezeJob,
}
