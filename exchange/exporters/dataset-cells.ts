import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from '../dataset-line'

/**
 * A row in the columns that the flat formats share: `value` is its first true value in words, `values` all of them,
 * `suggestion` the first one shown, `suggestions` all of them.
 */
export function datasetCells(line: DatasetLine, task: TaskType) {
  const words = (value: unknown) => (value === null || value === undefined ? null : task.textOf(value))
  const { input, values, rejected, suggestions, ...facts } = line
  return {
    number: facts.number,
    split: facts.split,
    erased: facts.erased,
    item_id: facts.item_id,
    external_id: facts.external_id,
    group_id: facts.group_id,
    group_key: facts.group_key,
    cluster: facts.cluster,
    split_reason: facts.split_reason,
    input_text: line.erased ? null : task.inputText(input),
    value: words(values[0]?.value),
    values: values.map(one => words(one.value)),
    rejected: rejected.map(one => words(one.value)),
    origin: values[0]?.origin ?? null,
    verdict: values[0]?.verdict ?? null,
    suggestion: words(suggestions[0]?.value),
    suggestions: suggestions.map(one => words(one.value)),
    confidence: suggestions[0]?.confidence ?? null,
    state: facts.state,
    source: facts.source,
    strategy: facts.strategy,
    kept_probability: facts.kept_probability,
    inclusion_probability: facts.inclusion_probability,
    propensity: facts.propensity,
    model_influenced: facts.model_influenced,
    blind: facts.blind,
    agreement: facts.agreement,
    annotators: facts.annotators,
    model: facts.model,
    model_version: facts.model_version,
    model_version_id: facts.model_version_id,
    exposure_id: facts.exposure_id,
    entry_id: facts.entry_id,
    event_ids: facts.event_ids,
    answer_event_ids: facts.answer_event_ids,
    consent_version: facts.consent_version,
    specification_version: facts.specification_version,
    licence: facts.licence,
    slices: facts.slices,
    redacted: facts.redacted,
    decided_at: facts.decided_at,
    sample: facts.sample,
    simulated: facts.simulated,
  }
}
