'use client'
import { Check, Copy } from 'lucide-react'
import { useRef } from 'react'
import { Button } from './button'
import styles from './snippet.module.css'
import { useCopy } from './use-copy'

export interface SnippetProps {
  /** What it is for: “With curl”. */
  label: string
  code: string
}

/** Code to take away, over several lines. */
export function Snippet({ label, code }: SnippetProps) {
  const text = useRef<HTMLPreElement>(null)
  const { copy, copied, said } = useCopy(code, () => {
    if (text.current) getSelection()?.selectAllChildren(text.current)
  })
  return (
    <section className={styles.frame} aria-label={label}>
      <div className={styles.top}>
        <span className={styles.label}>{label}</span>
        <span className={styles.said} role="status">
          {said}
        </span>
        <Button size="small" icon={copied ? <Check /> : <Copy />} onClick={copy}>
          Copy
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable from the keyboard. */}
      <pre ref={text} className={styles.code} tabIndex={0}>
        {code}
      </pre>
    </section>
  )
}
