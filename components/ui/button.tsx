'use client'
import Link from 'next/link'
import type { ComponentProps } from 'react'
import styles from './button.module.css'
import { Keycap, useShortcut } from './keycap'
import { lookClass, PlainButton, type PlainButtonProps, type PlainLook } from './plain-button'

interface Look extends PlainLook {
  /** The chord that does the same; drawn as keycaps and announced. */
  keyHint?: string
  /** The chord that does the same where there is no room to draw it: announced alone. */
  spokenKey?: string
}

export interface ButtonProps extends Look, Omit<PlainButtonProps, 'trailing' | keyof PlainLook> {}

export function Button({ keyHint, spokenKey, ...rest }: ButtonProps) {
  const shortcut = useShortcut(keyHint ?? spokenKey)
  return (
    <PlainButton
      aria-keyshortcuts={shortcut}
      {...rest}
      trailing={keyHint ? <Keycap chord={keyHint} decorative /> : null}
    />
  )
}

export interface ButtonLinkProps extends Look, ComponentProps<typeof Link> {}

/** A link that looks like a button: for going somewhere, not for doing something. */
export function ButtonLink({
  kind,
  size,
  icon,
  keyHint,
  spokenKey,
  wide,
  className,
  children,
  ...rest
}: ButtonLinkProps) {
  const shortcut = useShortcut(keyHint ?? spokenKey)
  return (
    <Link {...rest} className={lookClass({ kind, size, wide }, className)} aria-keyshortcuts={shortcut}>
      {icon ? (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      ) : null}
      <span>{children}</span>
      {keyHint ? <Keycap chord={keyHint} decorative /> : null}
    </Link>
  )
}
