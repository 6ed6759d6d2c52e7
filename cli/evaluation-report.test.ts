import { expect, it } from 'vitest'
import type { Evaluation } from '@/contract/v1/evaluations'
import type { GateResult } from '@/contract/v1/gates'
import { evaluationReport, junitXml } from './evaluation-report'

const evaluation = {
  model: { name: 'A & B <x>', version: '2' },
  dataset: { slug: 'kept', version: 3 },
  split: 'test',
  reportSha256: 'abc',
  report: {
    metrics: [{ id: 'error', label: 'Error' }],
    overall: [{ id: 'error', value: 0.5, low: 0.4, high: 0.6, n: 40, enough: true }],
    perturbations: [
      {
        id: 'typos',
        n: 40,
        metrics: [{ id: 'error', value: 0.7, low: 0.6, high: 0.8, n: 40, enough: true }],
      },
    ],
    slices: [
      {
        slice: 'saved slice',
        value: 'Long ones',
        n: 12,
        metrics: [{ id: 'error', value: 0.9, low: 0.1, high: 1, n: 12, enough: false }],
      },
    ],
    counts: { rows: 40 },
    contamination: { known: true, rows: 1, list: [{ number: 7, by: 'row' }] },
  },
} as unknown as Evaluation
const gate = (outcome: 'pass' | 'fail', waiver: object | null = null) =>
  ({
    gate: { name: 'Release' },
    outcome,
    sentence: `It ${outcome}s.`,
    waiver,
    checks: [
      { id: 'a', label: 'Not worse', outcome, words: 'lower bound −0.2 "below" −0.1' },
      { id: 'b', label: 'Cost', outcome: 'not-applicable', words: '' },
    ],
  }) as unknown as GateResult

it('says each metric with interval and rows, what may be known to the version, and the gate', () => {
  const report = evaluationReport(evaluation, gate('fail'))
  expect(report).toMatch(/Error +0\.5000 {2}0\.4000 to 0\.6000 {2}n 40/)
  expect(report).toMatch(/Error under changed inputs\n +typos +0\.7000 {2}0\.6000 to 0\.8000 {2}n 40/)
  expect(report).toMatch(/Error by slice\n +saved slice: Long ones +0\.9000 {2}too few to tell {2}n 12/)
  expect(report).toContain('may have learned from 1 of these rows: 7')
  expect(report).toContain('Gate Release: It fails.')
})

it('writes JUnit that names the failing check, escaped; a waived one is skipped', () => {
  const failed = junitXml(evaluation, gate('fail'))
  expect(failed).toContain('<testsuite name="A &amp; B &lt;x&gt; 2" tests="2" failures="1" skipped="0">')
  expect(failed).toContain('<failure message="fail: lower bound −0.2 &quot;below&quot; −0.1"/>')
  expect(junitXml(evaluation, gate('fail', { reason: 'x' }))).toMatch(
    /failures="0" skipped="1"[\s\S]*<skipped /,
  )
  expect(junitXml(evaluation, null)).toContain('<testcase classname="kept@3" name="evaluated"/>')
})
