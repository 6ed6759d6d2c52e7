'use client'
import { Check, Copy, Download, GitCompareArrows, Table2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { type DatasetFormatId, datasetFormat } from '@/domain/dataset-formats'
import { datasetSnippets, versionFilePath } from '@/domain/dataset-snippets'
import { type Split, splits } from '@/domain/dataset-split'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { FileLinks } from '../ui/file-links'
import { useShortcut } from '../ui/keycap'
import { useHydrated } from '../ui/platform'
import { Popover } from '../ui/popover'
import { Snippet } from '../ui/snippet'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import { useDownload } from './use-download'
import styles from './version-tools.module.css'

export interface VersionFile {
  project: string
  dataset: string
  number: number
  /** Formats that can carry it. */
  formats: readonly DatasetFormatId[]
  /** Who may take it, as the dataset declares them. */
  consumers: readonly string[]
  /** How many rows each part has. */
  rows: Record<Split, number>
}

/** Formats that can name pictures by a link. Label Studio only where items have pictures, which `media` tells. */
const linkFormats: readonly DatasetFormatId[] = ['media', 'coco-captions', 'label-studio']

/** The version as a file, in each of the formats that can carry it, and what each leaves behind. */
export function DownloadVersion({ project, dataset, number, formats, consumers, rows }: VersionFile) {
  const [open, setOpen] = useState(false)
  const [consumer, setConsumer] = useState(consumers[0] ?? '')
  // A part without a row would be an empty file.
  const parts = splits.filter(part => rows[part] > 0)
  const [split, setSplit] = useState<Split>(parts[0] ?? 'train')
  const [links, setLinks] = useState<'none' | 'signed'>('none')
  const { now, refusal, download } = useDownload()
  useKeys('Dataset', [{ chord: 'd', label: 'download', run: () => setOpen(true) }])
  const linked = formats.includes('media') ? linkFormats : []
  const byParts = formats.some(format => datasetFormat(format).oneSplit)
  return (
    <Popover
      label="Download"
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button kind="primary" icon={<Download />} keyHint="d">
          Download
        </Button>
      }
    >
      {consumers.length === 0 ? (
        <p className={styles.hint}>
          Nobody is declared who will use it. Change the dataset and name a consumer; then it can leave.
        </p>
      ) : (
        <>
          {consumers.length > 1 ? (
            <Choice
              label="For"
              value={consumer}
              options={consumers.map(one => [one, one])}
              onChange={setConsumer}
            />
          ) : (
            <p className={styles.hint}>For {consumer}; that is noted.</p>
          )}
          {formats.some(format => linked.includes(format)) ? (
            <Choice
              label="Pictures"
              value={links}
              options={[
                ['none', 'by file name'],
                ['signed', 'by links, for a day'],
              ]}
              onChange={setLinks}
            />
          ) : null}
          {byParts && parts.length > 0 ? (
            <Choice
              label="Part, where a file holds one"
              value={split}
              options={parts.map(part => [part, `${part}, ${rows[part].toLocaleString('en')}`])}
              onChange={setSplit}
            />
          ) : null}
          {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
          <FileLinks
            onPick={file => void download(file.href)}
            files={formats.map(id => {
              const { label, means, cannotCarry, oneSplit } = datasetFormat(id)
              const path = versionFilePath({
                project,
                dataset,
                version: number,
                format: id,
                ...(consumers.length > 1 ? { consumer } : {}),
              })
              const signed = links === 'signed' && linked.includes(id) ? '&links=signed' : ''
              const href = `${path}${oneSplit ? `&split=${split}` : ''}${signed}`
              return {
                href,
                now: now[href] ?? null,
                icon: <Table2 aria-hidden />,
                label,
                means: `${means}. It can’t carry ${cannotCarry.join('; nor ')}.`,
              }
            })}
          />
        </>
      )}
    </Popover>
  )
}

/** Lines that fetch the version elsewhere: the tool and the format are chosen, the key is the reader's own. */
export function VersionSnippets({
  mayMakeKeys,
  project,
  dataset,
  number,
  formats,
  consumers,
}: VersionFile & { mayMakeKeys: boolean }) {
  const toast = useToast()
  const [tool, setTool] = useState<SnippetTool>('pandas')
  const [format, setFormat] = useState<DatasetFormatId>('parquet')
  const origin = useHydrated() ? window.location.origin : ''
  const snippets = datasetSnippets({
    origin,
    project,
    dataset,
    version: number,
    format,
    ...(consumers.length > 1 ? { consumer: consumers[0] ?? '' } : {}),
  })
  const shown = snippets.find(one => one.id === tool) ?? snippets[0]
  const code = shown?.text ?? ''
  useKeys('Dataset', [
    {
      chord: 'y',
      label: 'copy snippet',
      run: () => {
        navigator.clipboard.writeText(code).then(
          () => toast.show({ icon: <Copy />, text: 'Snippet copied.' }),
          () => toast.show({ text: 'The clipboard is closed here. Copy the snippet with its button.' }),
        )
      },
    },
  ])
  return (
    <section className={styles.snippets} aria-label="Use it elsewhere">
      <Choice
        label="Format"
        value={format}
        options={formats.map(one => [one, datasetFormat(one).label])}
        onChange={setFormat}
      />
      <Choice
        label="Tool"
        value={shown?.id ?? tool}
        options={snippets.map(one => [one.id, one.label])}
        onChange={setTool}
      />
      <Snippet label={`With ${shown?.label ?? ''}`} code={code} />
      <p className={styles.hint}>
        {shown?.id === 'amend'
          ? 'On the machine that runs Amend; it takes no key.'
          : shown?.id === 'duckdb'
            ? 'DuckDB reads the file that curl has fetched.'
            : mayMakeKeys
              ? 'AMEND_KEY: a key of scope read, from Settings.'
              : 'AMEND_KEY: a key of scope read. An owner makes one for you.'}
      </p>
    </section>
  )
}

type SnippetTool = ReturnType<typeof datasetSnippets>[number]['id']

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: [T, string][]
  onChange: (value: T) => void
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of toggles is a group, not a part of a form.
    <div role="group" aria-label={label} className={styles.choice}>
      <span>{label}</span>
      {options.map(([option, words]) => (
        <button
          key={option}
          type="button"
          className={styles.chip}
          aria-pressed={option === value}
          onClick={() => onChange(option)}
        >
          {option === value ? <Check aria-hidden /> : null}
          {words}
        </button>
      ))}
    </div>
  )
}

export interface CompareWithProps {
  /** The page of this version, as `/p/demo/datasets/kept?v=3`. */
  href: string
  number: number
  against: number
  /** Other frozen versions, newest first. */
  others: readonly number[]
  previousHref: string | null
  nextHref: string | null
}

/** Which version the changes are told against; `C` leads here, `[` and `]` to the versions around. */
export function CompareWith({ href, number, against, others, previousHref, nextHref }: CompareWithProps) {
  const router = useRouter()
  const compareKey = useShortcut('c')
  useKeys('Dataset', [
    { chord: 'c', label: 'compare', enabled: others.length > 0, run: () => focusCompare() },
    {
      chord: '[',
      label: 'previous version',
      enabled: previousHref !== null,
      run: () => router.push(previousHref ?? ''),
    },
    { chord: ']', label: 'next version', enabled: nextHref !== null, run: () => router.push(nextHref ?? '') },
  ])
  if (others.length === 0) return null
  return (
    <label className={styles.compare}>
      Compare with
      <select
        id={compareId}
        value={against}
        aria-keyshortcuts={compareKey}
        onChange={event => router.push(`${href}&against=${event.target.value}`, { scroll: false })}
      >
        {others
          .filter(one => one !== number)
          .map(one => (
            <option key={one} value={one}>
              v{one}
            </option>
          ))}
      </select>
    </label>
  )
}

const compareId = 'compare-with'
function focusCompare() {
  const field = document.getElementById(compareId)
  field?.scrollIntoView({ block: 'center' })
  field?.focus({ preventScroll: true })
}

/** The visible way to what `C` does. */
export function CompareButton() {
  return (
    <Button icon={<GitCompareArrows />} keyHint="c" onClick={focusCompare}>
      Compare
    </Button>
  )
}
