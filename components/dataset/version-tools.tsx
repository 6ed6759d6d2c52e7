'use client'
import { Check, Copy, Download, FileJson, GitCompareArrows, Sheet, Table2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '../ui/button'
import { FileLinks } from '../ui/file-links'
import { useHydrated } from '../ui/platform'
import { Popover } from '../ui/popover'
import { Snippet } from '../ui/snippet'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import {
  type FileFormat,
  formatWords,
  snippetFor,
  type Tool,
  toolLabels,
  tools,
  versionPath,
} from './dataset-address'
import styles from './version-tools.module.css'

const formats: readonly FileFormat[] = ['parquet', 'jsonl', 'csv']
const icons = { parquet: Table2, jsonl: FileJson, csv: Sheet }

export interface VersionFile {
  project: string
  dataset: string
  number: number
}

/** The version as a file, in each of its formats. */
export function DownloadVersion({ project, dataset, number }: VersionFile) {
  const [open, setOpen] = useState(false)
  useKeys('Dataset', [{ chord: 'd', label: 'download', run: () => setOpen(true) }])
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
      <FileLinks
        files={formats.map(format => {
          const Icon = icons[format]
          return {
            href: versionPath(project, dataset, number, format),
            icon: <Icon aria-hidden />,
            ...formatWords[format],
          }
        })}
      />
    </Popover>
  )
}

/** Lines that fetch the version elsewhere: the tool and the format are chosen, the key is the reader's own. */
export function VersionSnippets({ mayMakeKeys, ...file }: VersionFile & { mayMakeKeys: boolean }) {
  const toast = useToast()
  const [tool, setTool] = useState<Tool>('pandas')
  const [format, setFormat] = useState<FileFormat>('parquet')
  const origin = useHydrated() ? window.location.origin : ''
  const code = snippetFor(tool, { ...file, origin, format })
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
        label="Tool"
        value={tool}
        options={tools.map(one => [one, toolLabels[one]])}
        onChange={setTool}
      />
      <Choice
        label="Format"
        value={format}
        options={formats.map(one => [one, formatWords[one].label])}
        onChange={setFormat}
      />
      <Snippet label={`With ${toolLabels[tool]}`} code={code} />
      <p className={styles.hint}>
        {tool === 'amend'
          ? 'On the machine that runs Amend; it takes no key.'
          : mayMakeKeys
            ? 'AMEND_KEY: a key of scope read, from Settings.'
            : 'AMEND_KEY: a key of scope read. An owner makes one for you.'}
      </p>
    </section>
  )
}

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
        aria-keyshortcuts="c"
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
