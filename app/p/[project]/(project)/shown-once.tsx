'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import styles from './project.module.css'

/** A key or link that is told this once: brought into sight, clear of the toast that tells of it. */
export function ShownOnce({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'center' })
  }, [])
  return (
    <div ref={box} className={styles.once}>
      {children}
    </div>
  )
}
