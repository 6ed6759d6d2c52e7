'use client'
import { Ban, Check, CircleAlert, Minus } from 'lucide-react'
import { useState } from 'react'
import type { CheckFindings, VersionCheck, Waived } from '@/contract/v1/dataset-checks'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { checkWords } from '@/domain/dataset-check-words'
import { createClient } from '@/sdk/client'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import { TextField } from '../ui/text-field'
import styles from './check-report.module.css'
import { count, percent, said } from './dataset-words'

const client = createClient()

export interface CheckReportProps {
  project: string
  dataset: string
  version: { number: number; state: DatasetVersion['state'] }
  checks: readonly VersionCheck[]
  mayWaive: boolean
  mayFreeze: boolean
}

const shares = ['test-basis', 'influenced', 'contribution']
const whyNot: Record<string, string> = {
  'no-classes': 'Texts that people wrote have no classes.',
  'too-few': 'Too few rows of each class to tell.',
  'one-class': 'There is only one kind of row.',
  'none-written': 'Nothing was written down as expected.',
  nobody: 'Nobody is named in its rows.',
}

function measured({ name, outcome, value, of, detail }: VersionCheck): string {
  if (outcome === 'not-applicable') return whyNot[String(detail.why)] ?? 'Nothing to look at.'
  if (value === null) return ''
  if (name === 'balance') return `${said(Number(value.toFixed(1)))} times, of ${count(of ?? 0, 'train row')}`
  if (shares.includes(name)) return `${percent(value, 1)} of ${count(of ?? 0, 'row')}`
  return `${said(value)} of ${count(of ?? 0, 'row')}`
}

function Mark({ check }: { check: VersionCheck }) {
  if (check.outcome === 'not-applicable') return <Minus aria-hidden />
  if (check.outcome === 'passed') return <Check aria-hidden />
  return check.level === 'blocking' ? <Ban aria-hidden /> : <CircleAlert aria-hidden />
}

const outcomeWords = (check: VersionCheck) =>
  check.outcome === 'passed'
    ? 'Passed'
    : check.outcome === 'not-applicable'
      ? 'Does not apply'
      : check.waiver
        ? 'Waived'
        : check.level === 'blocking'
          ? 'Blocks'
          : 'Warning'

/** What was looked at before a version was frozen: a number each, the rows behind it, and who waived what. */
export function CheckReport({ project, dataset, version, checks, mayWaive, mayFreeze }: CheckReportProps) {
  const { run, tell, undo, refusal } = useChange(project)
  const base = `/projects/${project}/datasets/${dataset}/versions/${version.number}`
  const blocking = checks.filter(
    check => check.level === 'blocking' && check.outcome === 'found' && !check.waiver,
  )
  const waive = async (check: VersionCheck, reason: string) => {
    const made = await run<Waived>('waive', 'POST', `${base}/checks/${check.name}/waive`, { reason })
    if (made) tell('Waived. The reason stays with the version.', made.actionId, 'The check blocks again.')
    return made !== null
  }
  const loud = checks.filter(check => check.outcome === 'found')
  const quiet = checks.filter(check => check.outcome !== 'found')
  const drawn = (check: VersionCheck) => (
    <li key={check.name} data-outcome={outcomeWords(check)}>
      <div className={styles.head}>
        <Mark check={check} />
        <strong>{checkWords[check.name]?.label ?? check.name}</strong>
        <span className={styles.outcome}>{outcomeWords(check)}</span>
        <span className={styles.number}>{measured(check)}</span>
      </div>
      <p className={styles.means}>{checkWords[check.name]?.means}.</p>
      {check.waiver ? (
        <p className={styles.means}>
          Waived by {check.waiver.by ?? 'this server or a key'}{' '}
          <RelativeTime at={check.waiver.at} show="full" />:{' '}
          <q dir="auto">{check.waiver.reason ?? 'erased'}</q>{' '}
          {check.waiver.actionId && mayWaive ? (
            <Button
              size="small"
              kind="quiet"
              onClick={() => void undo(check.waiver?.actionId ?? '', 'The check blocks again.')}
            >
              Take back
            </Button>
          ) : null}
        </p>
      ) : null}
      {check.findings > 0 ? <Findings base={base} check={check} /> : null}
      {mayWaive && version.state === 'blocked' && blocking.includes(check) ? (
        <Waive label={checkWords[check.name]?.label ?? check.name} onWaive={reason => waive(check, reason)} />
      ) : null}
    </li>
  )
  return (
    <div className={styles.report}>
      <p role="status" className={styles.sum}>
        {summary(checks)}
      </p>
      <ul className={styles.list}>{loud.map(drawn)}</ul>
      {quiet.length > 0 ? (
        <details className={styles.found}>
          <summary>{count(quiet.length, 'check')} without a finding</summary>
          <ul className={styles.list}>{quiet.map(drawn)}</ul>
        </details>
      ) : null}
      {version.state === 'blocked' && mayFreeze ? (
        <div className={styles.acts}>
          <Button
            kind="primary"
            disabledReason={
              blocking.length > 0
                ? `Held by ${blocking.map(check => checkWords[check.name]?.label).join(', ')}. Mend it and freeze again, or have an owner waive it.`
                : null
            }
            onClick={() =>
              void run<DatasetVersion>('go-on', 'POST', `${base}/go-on`).then(made => {
                if (made) tell(`Version ${version.number} goes on.`, null, '')
              })
            }
          >
            Go on
          </Button>
          <ConfirmInline
            label="Give it up"
            question="Its rows go; its number stays used."
            confirmLabel="Give it up"
            onConfirm={() =>
              void run<DatasetVersion>('give-up', 'POST', `${base}/give-up`).then(made => {
                if (made) tell(`Version ${version.number} is given up.`, null, '')
              })
            }
          />
        </div>
      ) : null}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </div>
  )
}

function summary(checks: readonly VersionCheck[]): string {
  if (checks.length === 0) return 'It was frozen before there were checks.'
  const found = checks.filter(check => check.outcome === 'found')
  if (found.length === 0) return `All ${checks.length} checks passed.`
  const names = found.map(check => checkWords[check.name]?.label.toLowerCase() ?? check.name)
  return `${checks.length - found.length} of ${checks.length} checks found nothing. Found: ${names.join(', ')}.`
}

function Waive({ label, onWaive }: { label: string; onWaive: (reason: string) => Promise<boolean> }) {
  const [reason, setReason] = useState('')
  return (
    <form
      className={styles.waive}
      onSubmit={event => {
        event.preventDefault()
        void onWaive(reason).then(done => done && setReason(''))
      }}
    >
      <TextField
        label={`Why ${label.toLowerCase()} may pass`}
        maxLength={2000}
        value={reason}
        onChange={event => setReason(event.target.value)}
      />
      <Button type="submit" size="small" disabledReason={reason.trim().length < 3 ? 'Say why first.' : null}>
        Waive
      </Button>
    </form>
  )
}

function Findings({ base, check }: { base: string; check: VersionCheck }) {
  const [found, setFound] = useState<CheckFindings | null>(null)
  const [failed, setFailed] = useState(false)
  const more = async () => {
    setFailed(false)
    try {
      const next = await client.request<CheckFindings>(
        'GET',
        `${base}/checks/${check.name}?after=${found?.nextAfter ?? 0}`,
      )
      setFound({ findings: [...(found?.findings ?? []), ...next.findings], nextAfter: next.nextAfter })
    } catch {
      setFailed(true)
    }
  }
  return (
    <details
      className={styles.found}
      onToggle={event => {
        if (event.currentTarget.open && !found) void more()
      }}
    >
      <summary>{count(check.findings, 'finding')}</summary>
      <ol className={styles.rows}>
        {found?.findings.map(one => (
          <li key={one.at}>
            <span dir="auto">
              {one.row
                ? `Row ${one.row.number}, ${one.row.split}: ${one.row.erased ? 'erased' : [one.row.title, one.row.values.join(' · ')].filter(Boolean).join(' — ')}`
                : wholeWords(one.detail)}
            </span>
            {one.other ? (
              <span className={styles.means} dir="auto">
                Held against row {one.other.number}, {one.other.split}: {one.other.title ?? 'erased'}
              </span>
            ) : null}
            {whatOf(one.detail) ? <span className={styles.means}>{whatOf(one.detail)}</span> : null}
          </li>
        ))}
      </ol>
      {found?.nextAfter ? (
        <Button size="small" kind="quiet" onClick={() => void more()}>
          More
        </Button>
      ) : null}
      {failed ? <ErrorNote title="The list could not be read. Open it again." /> : null}
    </details>
  )
}

/** What a finding says of itself, in a few words. */
/** A finding about no row: about the version as a whole, or about a row that is gone. */
function wholeWords(detail: Record<string, unknown>): string {
  if (detail.kind === 'volume') return `The version as a whole has ${count(Number(detail.rows), 'row')}`
  if (detail.kind === 'freshness')
    return `The newest row was decided on ${String(detail.newest).slice(0, 10)}`
  return 'A row that is gone'
}

function whatOf(detail: Record<string, unknown>): string {
  if (Array.isArray(detail.kinds)) return detail.kinds.join(', ')
  if (detail.likelier) return `${String(detail.label)}, and ${String(detail.likelier)} is likelier`
  if (detail.field) return `${String(detail.field)}: ${String(detail.kind ?? detail.part ?? '')}`
  return detail.by ? `by ${String(detail.by)}` : ''
}
