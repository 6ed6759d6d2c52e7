import type { DatasetLine } from '../dataset-line'

/** Where a row comes from, in the columns that every format which can carry them shares. Null where it is unknown. */
export function provenanceOf(line: DatasetLine) {
  return {
    row: line.number,
    split: line.split,
    item_id: line.item_id,
    external_id: line.external_id,
    group_key: line.group_key,
    cluster: line.cluster,
    split_reason: line.split_reason,
    state: line.state,
    source: line.source,
    strategy: line.strategy,
    kept_probability: line.kept_probability,
    inclusion_probability: line.inclusion_probability,
    propensity: line.propensity,
    model_influenced: line.model_influenced,
    blind: line.blind,
    agreement: line.agreement,
    annotators: line.annotators,
    model: line.model,
    model_version: line.model_version,
    consent_version: line.consent_version,
    specification_version: line.specification_version,
    licence: line.licence,
    decided_at: line.decided_at,
  }
}

/** Numbers of them that are fractions: readers that infer types from the first lines must not take them for integers. */
const fractions = new Set(['kept_probability', 'inclusion_probability', 'propensity', 'agreement'])

/** One line of JSON with every fraction written as one, as `1.0`. */
export function jsonLine(row: Record<string, unknown>): string {
  const members = Object.entries(row).map(([name, value]) => {
    const text =
      fractions.has(name) && Number.isInteger(value) ? `${value}.0` : (JSON.stringify(value) ?? 'null')
    return `${JSON.stringify(name)}:${text}`
  })
  return `{${members.join(',')}}`
}
