'use client'
import { type FormEvent, useState } from 'react'
import type { ChangedGate, Gate } from '@/contract/v1/gates'
import { savedSlice } from '@/domain/saved-slice'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextArea } from '../ui/text-area'
import { TextField } from '../ui/text-field'
import styles from './gates.module.css'

interface Props {
  slug: string
  /** Null makes a new one. */
  gate: Gate | null
  rules: Gate['rules']
  metrics: { id: string; label: string }[]
  onDone: () => void
}

/** One critical slice a line: `lang = pt, 0.05, 150`. */
const slicesOf = (rules: Gate['rules']) =>
  rules.slices.map(one => `${one.slice} = ${one.value}, ${one.margin}, ${one.minimumRows}`).join('\n')

function readSlices(text: string) {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const { name, margin, least } = readSlice(line)
      const at = name.indexOf('=')
      return {
        slice: (at < 0 ? name : name.slice(0, at)).trim(),
        value: at < 0 ? '' : name.slice(at + 1).trim(),
        margin: Number(margin ?? 'x'),
        minimumRows: Number(least ?? 30),
      }
    })
}

/** In the name of a saved slice commas may stand; there the numbers are what stands last. */
function readSlice(line: string) {
  const parts = line.split(',').map(part => part.trim())
  const saved = parts[0]?.split('=')[0]?.trim() === savedSlice
  const numbers = saved
    ? Math.min(2, parts.slice(1).filter(part => part !== '' && !Number.isNaN(Number(part))).length)
    : parts.length - 1
  const [margin, least] = parts.slice(parts.length - numbers)
  return { name: parts.slice(0, parts.length - numbers).join(', '), margin, least }
}

const floorsOf = (rules: Gate['rules']) => rules.floors.map(one => `${one.metric}, ${one.bound}`).join('\n')
const readFloors = (text: string) =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [metric = '', bound] = line.split(',').map(part => part.trim())
      return { metric, bound: Number(bound ?? 'x') }
    })

const optional = (text: string, times = 1) => (text.trim() === '' ? null : Number(text) * times)
const percentText = (share: number | null) => (share === null ? '' : String(Math.round(share * 1e6) / 1e4))

/** Sets down what a version must pass, before anybody looks. */
export function GateForm({ slug, gate, rules, metrics, onDone }: Props) {
  const [name, setName] = useState(gate?.name ?? '')
  const [metric, setMetric] = useState(rules.metric)
  const [text, setText] = useState({
    margin: String(rules.margin),
    minimumRows: String(rules.minimumRows),
    floors: floorsOf(rules),
    slices: slicesOf(rules),
    mostFlips: percentText(rules.mostFlips),
    mostUnsafe: percentText(rules.mostUnsafe),
    mostLatencyP90Ms: rules.mostLatencyP90Ms === null ? '' : String(rules.mostLatencyP90Ms),
    mostCost: rules.mostCostMicrosPer1000 === null ? '' : String(rules.mostCostMicrosPer1000 / 1_000_000),
    mostUses: String(rules.mostUses),
  })
  const [requiredFor, setRequiredFor] = useState<readonly ('canary' | 'live')[]>(rules.requiredFor)
  const [noContamination, setNoContamination] = useState(rules.noContamination)
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const field = (key: keyof typeof text, label: string, hint: string, rule: string) => (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      value={text[key]}
      error={errorOf(`rules.${rule}`)}
      onChange={event => setText({ ...text, [key]: event.target.value })}
    />
  )
  const toggle = (stage: 'canary' | 'live', on: boolean) =>
    setRequiredFor(
      (['canary', 'live'] as const).filter(one => (one === stage ? on : requiredFor.includes(one))),
    )
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const body = {
      requiredFor,
      metric,
      margin: Number(text.margin),
      minimumRows: Number(text.minimumRows),
      floors: readFloors(text.floors),
      slices: readSlices(text.slices),
      mostFlips: optional(text.mostFlips, 0.01),
      mostUnsafe: optional(text.mostUnsafe, 0.01),
      mostLatencyP90Ms: optional(text.mostLatencyP90Ms),
      mostCostMicrosPer1000: optional(text.mostCost, 1_000_000),
      noContamination,
      mostUses: Number(text.mostUses),
    }
    const answer = gate
      ? await run<ChangedGate>('save', 'PUT', `/projects/${slug}/gates/${gate.slug}`, { rules: body })
      : await run<ChangedGate>('save', 'POST', `/projects/${slug}/gates`, { name: name.trim(), rules: body })
    if (!answer) return
    tell(
      answer.actionId ? `${answer.gate.name} asks this from now on.` : 'Nothing differed.',
      answer.actionId,
      'Undone. The gate asks what it asked before.',
    )
    onDone()
  }
  return (
    <form className={styles.form} onSubmit={save} noValidate>
      {gate ? null : (
        <TextField
          label="Name"
          required
          maxLength={100}
          value={name}
          error={errorOf('name')}
          onChange={event => setName(event.target.value)}
        />
      )}
      <fieldset className={styles.choices}>
        <legend>Its pass is needed</legend>
        <Checkbox
          label="to go on trial"
          checked={requiredFor.includes('canary')}
          onChange={on => toggle('canary', on)}
        />
        <Checkbox
          label="to go live"
          checked={requiredFor.includes('live')}
          onChange={on => toggle('live', on)}
        />
      </fieldset>
      <div className={styles.fields}>
        <SelectField
          label="Metric"
          value={metric}
          onChange={event => setMetric(event.target.value)}
          options={metrics.map(one => ({ value: one.id, label: one.label }))}
        />
        {field('margin', 'Margin', 'How much worse is still as good, in its unit.', 'margin')}
        {field(
          'minimumRows',
          'Least rows',
          '738 estimate a share within 0.05, 4,612 within 0.02.',
          'minimumRows',
        )}
        {field('mostFlips', 'Right before, wrong now, %', 'At most. Empty asks nothing.', 'mostFlips')}
        {field('mostUnsafe', 'Held back by guardrails, %', 'At most, at the upper bound.', 'mostUnsafe')}
        {field('mostLatencyP90Ms', 'p90 latency, ms', 'At most. Empty asks nothing.', 'mostLatencyP90Ms')}
        {field('mostCost', 'Cost of 1,000', 'At most, in its currency.', 'mostCostMicrosPer1000')}
        {field('mostUses', 'Looks at one set', 'Then a fresh one is asked for.', 'mostUses')}
      </div>
      <TextArea
        label="Critical slices"
        hint="One a line: attribute = value, margin, least rows. As lang = pt, 0.05, 150. A slice saved under Feedback: saved slice = its name, 0.05, 150."
        rows={3}
        spellCheck={false}
        value={text.slices}
        onChange={event => setText({ ...text, slices: event.target.value })}
      />
      <TextArea
        label="Floors"
        hint={`One a line: metric, bound. As ${metrics[0]?.id ?? 'metric'}, 0.6.`}
        rows={2}
        spellCheck={false}
        value={text.floors}
        onChange={event => setText({ ...text, floors: event.target.value })}
      />
      <Checkbox
        label="It has learned from none of the rows"
        checked={noContamination}
        onChange={setNoContamination}
      />
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        <Button type="submit" kind="primary" size="small" busy={busy === 'save'}>
          {gate ? 'Save the gate' : 'Make the gate'}
        </Button>
        <Button kind="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
