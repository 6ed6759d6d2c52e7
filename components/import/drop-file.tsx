'use client'
import { FileUp } from 'lucide-react'
import { useId, useState } from 'react'
import styles from './import.module.css'

interface Props {
  busy: boolean
  /** What comes in: rows of a table, or a zip of pictures. */
  takes: 'table' | 'pictures'
  onFile: (file: File) => void
}

const words = {
  table: {
    what: 'Drop a CSV, JSON Lines, JSON or Parquet file, or a zip of such',
    hint: 'Also from Label Studio, Argilla, doccano, Hugging Face or Amend. Up to 200 MB. Nothing is stored before you press Import.',
    accept:
      '.csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.zip,text/csv,application/x-ndjson,application/json',
  },
  pictures: {
    what: 'Drop a zip of pictures, or choose one',
    hint: 'One item a picture, with a COCO or metadata file beside them if you have one. Up to 200 MB in all. Nothing is stored before you press Import.',
    accept: '.zip,.parquet,application/zip',
  },
}

/** A place to drop a file on, or to choose one by click or key. */
export function DropFile({ busy, takes, onFile }: Props) {
  const [over, setOver] = useState(false)
  const id = useId()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be dropped on in every browser.
    <div
      role="group"
      aria-label="File"
      className={styles.drop}
      data-over={over || undefined}
      data-busy={busy || undefined}
      onDragOver={event => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault()
        setOver(false)
        const file = event.dataTransfer.files[0]
        if (file && !busy) onFile(file)
      }}
    >
      <label htmlFor={id} className={styles.dropLabel}>
        <FileUp aria-hidden />
        <span>
          <strong>{busy ? 'Reading the file' : words[takes].what}</strong>
          <span className={styles.dropHint}>{words[takes].hint}</span>
        </span>
      </label>
      <input
        id={id}
        type="file"
        className={styles.input}
        accept={words[takes].accept}
        disabled={busy}
        onChange={event => {
          const file = event.target.files?.[0]
          // So that the same file can be chosen again after a refusal.
          event.target.value = ''
          if (file) onFile(file)
        }}
      />
    </div>
  )
}
