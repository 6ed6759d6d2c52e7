'use client'
import { X } from 'lucide-react'
import Link from 'next/link'
import styles from './filter-token.module.css'

export interface FilterTokenProps {
  /** “decision”. */
  name: string
  /** “corrected”. */
  value: string
  /** The address without this filter. */
  removeHref: string
}

/** One filter that is on. Its cross is a link, so that Back brings it back. */
export function FilterToken({ name, value, removeHref }: FilterTokenProps) {
  return (
    <span className={styles.token}>
      <span className={styles.name}>{name}</span> {value}
      <Link
        href={removeHref}
        scroll={false}
        className={styles.remove}
        aria-label={`Remove filter ${name} ${value}`}
      >
        <X aria-hidden />
      </Link>
    </span>
  )
}
