'use client'
import { useRouter } from 'next/navigation'
import type { ImportDetail } from '@/contract/v1/imports'
import { Button, ButtonLink } from '../ui/button'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { DropFile } from './drop-file'
import styles from './import.module.css'
import { MappingForm } from './mapping-form'
import { useImport } from './use-import'

export interface ImportPanelProps {
  project: string
  /** The import that the address names. */
  initial: ImportDetail | null
  /** Where its items are worked on, as `/p/mail/inbox`. */
  usePage: string
  /** What comes in: rows of a table, or a zip of pictures. */
  takes: 'table' | 'pictures'
}

/** Brings a file in: drop it, say which column is what, watch it come in, open the first item. */
export function ImportPanel({ project, initial, usePage, takes }: ImportPanelProps) {
  const router = useRouter()
  const one = useImport(project, initial, () => router.refresh())
  const { detail, refusal, busy } = one
  const note = refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null
  if (!detail)
    return (
      <div className={styles.panel}>
        <DropFile busy={busy === 'send'} takes={takes} onFile={file => void one.send(file)} />
        {note}
      </div>
    )
  const readable = detail.columns.length > 0 || detail.mapping?.as === 'pictures'
  const mapped = ['uploaded', 'failed', 'cancelled'].includes(detail.state)
  return (
    <div className={styles.panel}>
      <p className={styles.file}>
        <strong dir="auto">{detail.fileName}</strong>{' '}
        <span>
          {detail.formatLabel}, {sizeWords(detail.bytes)}
          {readingWords(detail)}
        </span>
      </p>
      {detail.state === 'uploaded' ? null : <Progress detail={detail} />}
      {detail.state === 'failed' && detail.job?.error ? <ErrorNote title={detail.job.error} /> : null}
      {mapped && readable ? (
        <MappingForm
          detail={detail}
          mapping={one.mapping}
          preview={one.preview}
          locked={detail.position > 0}
          onReread={detail.state === 'uploaded' ? dialect => void one.reread(dialect) : null}
          onChange={next => void one.remap(next)}
        />
      ) : null}
      {mapped && !readable ? (
        <ErrorNote
          title={
            takes === 'table' ? 'No row of this file can be read.' : 'No picture of this archive can be read.'
          }
        />
      ) : null}
      {detail.problems.length > 0 ? <Refused project={project} detail={detail} /> : null}
      {note}
      <div className={styles.actions}>
        {mapped ? (
          <Button
            kind="primary"
            busy={busy === 'start'}
            disabledReason={one.mapping ? null : 'Say first which column is what.'}
            onClick={() => void one.start()}
          >
            {detail.position > 0 ? 'Go on' : 'Import'}
          </Button>
        ) : null}
        {detail.state === 'running' ? (
          <Button busy={busy === 'cancel' || detail.job?.cancelRequested} onClick={() => void one.cancel()}>
            Cancel
          </Button>
        ) : null}
        {detail.firstItemId && detail.state !== 'running' ? (
          <ButtonLink kind={mapped ? 'secondary' : 'primary'} href={`${usePage}?t=${detail.firstItemId}`}>
            Open the first item
          </ButtonLink>
        ) : null}
        {detail.actionId && detail.state !== 'running' ? (
          <ConfirmInline
            label="Undo the import"
            question={`Erase the ${detail.stored.toLocaleString('en')} items of this file?`}
            confirmLabel="Erase them"
            onConfirm={() => one.undo()}
          />
        ) : null}
        {detail.state === 'running' ? null : (
          <Button kind="quiet" onClick={one.another}>
            Another file
          </Button>
        )}
      </div>
    </div>
  )
}

function Progress({ detail }: { detail: ImportDetail }) {
  const ended = {
    done: 'Done.',
    failed: 'It stopped.',
    cancelled: 'Cancelled.',
    undone: '',
    running: '',
    uploaded: '',
  }
  const running = detail.state === 'running'
  const counting = running && detail.total === null
  return (
    <div className={styles.progress}>
      {running ? (
        <progress
          aria-label={`Import of ${detail.fileName}`}
          max={detail.total ?? undefined}
          value={detail.total === null ? undefined : detail.position}
        />
      ) : null}
      <p role="status">
        {ended[detail.state]}{' '}
        {counting ? (detail.job?.message ?? 'Waiting for its turn.') : `${detail.sentence}.`}
      </p>
    </div>
  )
}

function Refused({ project, detail }: { project: string; detail: ImportDetail }) {
  const pictures = detail.mapping?.as === 'pictures'
  return (
    <section className={styles.refused} aria-label={pictures ? 'Refused files' : 'Refused rows'}>
      <ul>
        {detail.problems.map(({ line, field, detail: reason }) => (
          <li key={line}>
            <span className={styles.line}>
              {pictures ? 'Number' : 'Line'} {line}
            </span>
            {field ? <span className={styles.field}>{field}</span> : null}
            <span>{reason}</span>
          </li>
        ))}
      </ul>
      <a href={`/api/v1/projects/${project}/imports/${detail.id}/report`} download>
        Download the report ({detail.refused.toLocaleString('en')})
      </a>
    </section>
  )
}

function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`
}

const delimiterWords: Record<string, string> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' }

/** What was found out about the file that is not as one expects, so that a wrong guess is seen. */
function readingWords({ encoding, delimiter }: ImportDetail): string {
  const parted = delimiter ? delimiterWords[delimiter] : undefined
  return [parted ? `parted by ${parted}` : null, encoding === 'utf-8' ? null : `read as ${encoding}`]
    .filter(Boolean)
    .map(words => `, ${words}`)
    .join('')
}
