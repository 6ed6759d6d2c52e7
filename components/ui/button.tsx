'use client'
import Link from 'next/link'
import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './button.module.css'
import { classNames } from './class-names'
import { Keycap, useShortcut } from './keycap'

export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger'
export type ButtonSize = 'small' | 'medium' | 'large'

interface Look {
  /** One primary (filled ink) button per view. */
  kind?: ButtonKind
  size?: ButtonSize
  icon?: ReactNode
  /** The chord that does the same; drawn as keycaps and announced. */
  keyHint?: string
  /** The chord that does the same where there is no room to draw it: announced alone. */
  spokenKey?: string
  wide?: boolean
}

export interface ButtonProps extends Look, Omit<ComponentProps<'button'>, 'disabled'> {
  /** The request is on its way: the label stays, presses are ignored. */
  busy?: boolean
  /** Why it can't be pressed now. The button stays focusable and says so. */
  disabledReason?: string | false | null
}

function lookClass({ kind = 'secondary', size = 'medium', wide }: Look, className?: string) {
  return classNames(styles.button, styles[kind], styles[size], wide && styles.wide, className)
}

export function Button({
  kind,
  size,
  icon,
  keyHint,
  spokenKey,
  wide,
  busy = false,
  disabledReason,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const reasonId = useId()
  const shortcut = useShortcut(keyHint ?? spokenKey)
  const off = Boolean(disabledReason)
  return (
    <button
      {...rest}
      type={type}
      className={lookClass({ kind, size, wide }, className)}
      aria-disabled={off || busy || undefined}
      aria-busy={busy || undefined}
      aria-describedby={off ? reasonId : rest['aria-describedby']}
      aria-keyshortcuts={shortcut}
      onClick={event => {
        if (off || busy) {
          event.preventDefault()
          return
        }
        onClick?.(event)
      }}
    >
      {icon ? (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      ) : null}
      <span>{children}</span>
      {keyHint ? <Keycap chord={keyHint} decorative /> : null}
      {off ? (
        <span id={reasonId} className={styles.reason} aria-hidden>
          {disabledReason}
        </span>
      ) : null}
    </button>
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
