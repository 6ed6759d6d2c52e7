import type { Evaluation } from '@/contract/v1/evaluations'
import type { GateResult } from '@/contract/v1/gates'
import type { MetricEstimate } from '@/domain/metrics/metric'

const number = (value: number | null) => (value === null ? '-' : value.toFixed(4))

function line(label: string, estimates: readonly MetricEstimate[] | undefined, id: string): string {
  const one = estimates?.find(estimate => estimate.id === id)
  if (!one?.n) return `  ${label.padEnd(24)} no row`
  const interval = one.enough ? `${number(one.low)} to ${number(one.high)}` : 'too few to tell'
  return `  ${label.padEnd(24)} ${number(one.value).padStart(10)}  ${interval}  n ${one.n}`
}

/** The report of an evaluation for a terminal or a log: each metric with its interval and rows, the first by slice and under changed inputs, then the gate. */
export function evaluationReport(evaluation: Evaluation, gate: GateResult | null): string {
  const { report, model, dataset } = evaluation
  const lines = [
    `${model.name} ${model.version} on ${dataset.slug}@${dataset.version}, ${evaluation.split}, ${report?.counts.rows ?? 0} rows`,
    ...(report?.metrics ?? []).map(({ id, label }) => line(label, report?.overall, id)),
  ]
  const [first] = report?.metrics ?? []
  if (report && first) {
    const { perturbations, slices } = report
    if (perturbations.length > 0) lines.push('', `${first.label} under changed inputs`)
    lines.push(...perturbations.map(one => line(one.id, one.metrics, first.id)))
    if (slices.length > 0) lines.push('', `${first.label} by slice`)
    lines.push(
      ...slices.map(one => line(`${one.slice}: ${one.value ?? 'not said'}`, one.metrics, first.id)),
      '',
    )
  }
  const { contamination } = report ?? {}
  if (contamination && contamination.rows > 0)
    lines.push(
      `  It may have learned from ${contamination.rows} of these rows: ${contamination.list.map(row => row.number).join(', ')}`,
    )
  if (contamination && !contamination.known) lines.push('  Nobody said what it learned from.')
  lines.push(`  report sha256 ${evaluation.reportSha256}`)
  if (gate) {
    lines.push('', `Gate ${gate.gate.name}: ${gate.sentence}`)
    for (const check of gate.checks)
      lines.push(`  ${check.outcome.padEnd(16)} ${check.label}: ${check.words}`)
  }
  return `${lines.join('\n')}\n`
}

const entities: Record<string, string> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}
const inXml = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[<>&"']/g, sign => entities[sign] ?? '')

/** JUnit XML: a case for the evaluation and one for each check of the gate, as build servers read it. */
export function junitXml(evaluation: Evaluation, gate: GateResult | null): string {
  const name = inXml(`${evaluation.model.name} ${evaluation.model.version}`)
  const suite = inXml(`${evaluation.dataset.slug}@${evaluation.dataset.version}`)
  const checks = (gate?.checks ?? []).filter(check => check.outcome !== 'not-applicable')
  const failed = checks.filter(check => check.outcome !== 'pass')
  const passedAnyway = gate !== null && (gate.outcome === 'pass' || gate.waiver !== null)
  const cases = checks.map(check => {
    const open = `    <testcase classname="${suite}.gate" name="${inXml(check.label)}"`
    if (check.outcome === 'pass') return `${open}/>`
    const tag = passedAnyway ? 'skipped' : 'failure'
    return `${open}><${tag} message="${inXml(`${check.outcome}: ${check.words}`)}"/></testcase>`
  })
  const failures = passedAnyway ? 0 : failed.length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${checks.length + 1}" failures="${failures}">`,
    `  <testsuite name="${name}" tests="${checks.length + 1}" failures="${failures}" skipped="${passedAnyway ? failed.length : 0}">`,
    '    <properties>',
    ...(evaluation.report?.overall ?? []).map(
      one => `      <property name="${inXml(one.id)}" value="${one.value ?? ''}"/>`,
    ),
    `      <property name="report-sha256" value="${evaluation.reportSha256 ?? ''}"/>`,
    '    </properties>',
    `    <testcase classname="${suite}" name="evaluated"/>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}
