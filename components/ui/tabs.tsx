import Link from 'next/link'
import type { ReactNode } from 'react'
import styles from './tabs.module.css'

export interface TabsProps {
  label: string
  items: { href: string; label: string; current: boolean; count?: ReactNode }[]
}

/** Tabs that are links: each is an address of its own. */
export function Tabs({ label, items }: TabsProps) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {items.map(item => (
        <Link
          key={item.href}
          href={item.href}
          className={styles.tab}
          aria-current={item.current ? 'page' : undefined}
        >
          {item.label}
          {item.count === undefined ? null : <span className={styles.count}>{item.count}</span>}
        </Link>
      ))}
    </nav>
  )
}
