'use client'
import { FileJson, Sheet } from 'lucide-react'
import { useState } from 'react'
import { CopyField } from '../ui/copy-field'
import { FileLinks } from '../ui/file-links'
import { useHydrated } from '../ui/platform'
import { Popover } from '../ui/popover'
import { DownloadButton, type DownloadMenuProps } from './download-button'
import styles from './download-menu.module.css'
import { curlLine, exportPath } from './feedback-address'
import { downloadable, stateOptions } from './feedback-words'

/** The view as a file, from here or from a shell. */
export function DownloadMenuOpen({ slug, values, mayMakeKeys }: DownloadMenuProps) {
  const [open, setOpen] = useState(true)
  const origin = useHydrated() ? window.location.origin : ''
  const refused = values.state !== undefined && !downloadable.includes(values.state)
  const word = stateOptions.find(o => o.value === values.state)?.label.toLowerCase()
  return (
    <Popover label="Download" align="end" open={open} onOpenChange={setOpen} trigger={<DownloadButton />}>
      {refused ? (
        <p>
          Rows that are “{word}” are nobody’s decision, so they never leave as data. Choose another decision,
          or any.
        </p>
      ) : (
        <div className={styles.menu}>
          <p className={styles.words}>
            Decisions that stand, of people who allow it, through the filter that is on. Marked as a draft,
            with its filter and time in every row.
          </p>
          <FileLinks
            files={[
              {
                href: exportPath(slug, values, 'jsonl'),
                icon: <FileJson aria-hidden />,
                label: 'JSON Lines',
                means: 'Everything, byte for byte',
              },
              {
                href: exportPath(slug, values, 'csv'),
                icon: <Sheet aria-hidden />,
                label: 'CSV',
                means: 'Flat, safe to open in a spreadsheet',
              },
            ]}
          />
          <CopyField
            label="The same from a shell"
            value={curlLine(origin, exportPath(slug, values, 'jsonl'))}
            hint={
              mayMakeKeys
                ? 'AMEND_KEY: a key of scope read, from Settings.'
                : 'AMEND_KEY: a key of scope read. An owner makes one for you.'
            }
          />
        </div>
      )}
    </Popover>
  )
}
