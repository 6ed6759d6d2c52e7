import 'server-only'
import type { EvaluationOptions } from '@/domain/evaluation'
import type { GuardrailSettings } from '@/domain/guardrails'
import type { TaskMetrics } from '@/domain/metrics/metric'
import type { SavedSlice } from '@/domain/saved-slice'
import type { TaskType } from '@/tasks/task-type'
import type { AskedVersion } from './ask-version'

/** An evaluation that is under way. */
export interface EvaluationWork {
  id: string
  datasetVersionId: string
  split: string
  options: EvaluationOptions
  version: AskedVersion
  task: TaskType & { metrics: TaskMetrics }
  guardrails: GuardrailSettings
  /** Whether it is asked here, now. */
  asked: boolean
  timeZone: string
  /** As they stood when it was started. */
  saved: readonly SavedSlice[]
}
