import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names'
import styles from './table.module.css'

export interface TableProps extends ComponentProps<'table'> {
  /** What the table holds; spoken, not drawn. */
  caption: string
  children: ReactNode
  /** Distance from the top of the window at which the header sticks. */
  stickyTop?: string
}

/** A table that scrolls sideways within itself when the window is too narrow for it. */
export function Table({ caption, children, stickyTop = '0px', className, ...rest }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard.
    <section className={styles.scroll} aria-label={caption} tabIndex={0}>
      <table
        {...rest}
        className={classNames(styles.table, className)}
        style={{ ['--sticky-top' as string]: stickyTop, ...rest.style }}
      >
        <caption className="visually-hidden">{caption}</caption>
        {children}
      </table>
    </section>
  )
}

interface CellLook {
  numeric?: boolean
  /** Never broken over lines. */
  tight?: boolean
}

export function Th({ numeric, tight, className, ...rest }: ComponentProps<'th'> & CellLook) {
  return (
    <th
      scope="col"
      {...rest}
      className={classNames(styles.th, numeric && styles.numeric, tight && styles.tight, className)}
    />
  )
}

export function Tr({ selected, className, ...rest }: ComponentProps<'tr'> & { selected?: boolean }) {
  return (
    <tr
      {...rest}
      className={classNames(styles.tr, className)}
      data-selected={selected || undefined}
      aria-current={selected || undefined}
    />
  )
}

export function Td({ numeric, tight, className, ...rest }: ComponentProps<'td'> & CellLook) {
  return (
    <td
      {...rest}
      className={classNames(styles.td, numeric && styles.numeric, tight && styles.tight, className)}
    />
  )
}
