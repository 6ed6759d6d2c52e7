import type { VersionRows } from '@/contract/v1/datasets'
import { ButtonLink } from '../ui/button'
import { DecisionBadge } from '../ui/decision-badge'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './version-table.module.css'

export interface VersionTableProps {
  page: VersionRows
  moreHref: string | null
  firstHref: string | null
  /** Where a row came from and where it went. */
  rowHref: (number: number) => string
  /** The timeline of an item, on the feedback page. */
  itemHref: (itemId: string, exposureId: string | null) => string
}

const badges = { accepted: 'accepted', corrected: 'corrected', written: 'written' } as const

/** Rows of a frozen version, each with what counts as true in it and where it came from. */
export function VersionTable({ page, moreHref, firstHref, rowHref, itemHref }: VersionTableProps) {
  return (
    <div className={styles.frame}>
      <Table caption="Rows of this version">
        <thead>
          <tr>
            <Th numeric tight>
              Row
            </Th>
            <Th>Item</Th>
            <Th>True value</Th>
            <Th tight>Said</Th>
            <Th tight>Split</Th>
            <Th tight>By</Th>
          </tr>
        </thead>
        <tbody>
          {page.rows.map(row => (
            <Tr key={row.number}>
              <Td numeric tight>
                <a href={rowHref(row.number)} aria-label={`Row ${row.number}: where it came from`}>
                  {row.number}
                </a>
              </Td>
              <Td>
                {row.erased ? (
                  <span className={styles.gone}>Erased</span>
                ) : (
                  <a href={itemHref(row.itemId, row.exposureId)}>{row.title}</a>
                )}
              </Td>
              <Td className={styles.value}>
                {row.erased ? (
                  <span className={styles.gone}>Its words are gone</span>
                ) : (
                  row.values.map((value, at) => (
                    // Texts of one row have no identity beyond their place.
                    // biome-ignore lint/suspicious/noArrayIndexKey: see above
                    <span key={at} dir="auto" className={styles.text}>
                      {value.text}
                    </span>
                  ))
                )}
              </Td>
              <Td tight>
                {row.label && row.label in badges ? (
                  <DecisionBadge decision={badges[row.label as keyof typeof badges]} />
                ) : row.label === 'adjudication' ? (
                  'Adjudicated'
                ) : row.label === 'import' ? (
                  'Brought in'
                ) : row.label === 'outcome' ? (
                  'Came true'
                ) : (
                  'Reviewed'
                )}
              </Td>
              <Td tight>{row.split}</Td>
              <Td tight>
                <code>{row.annotators.join(', ')}</code>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {moreHref || firstHref ? (
        <p className={styles.pages}>
          {firstHref ? (
            <ButtonLink size="small" href={firstHref} scroll={false}>
              First rows
            </ButtonLink>
          ) : null}
          {moreHref ? (
            <ButtonLink size="small" href={moreHref} scroll={false}>
              Next rows
            </ButtonLink>
          ) : null}
        </p>
      ) : null}
    </div>
  )
}
