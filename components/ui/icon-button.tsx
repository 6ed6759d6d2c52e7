'use client'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names'
import styles from './icon-button.module.css'
import { useShortcut } from './keycap'

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'aria-label'> {
  /** What it does; its accessible name and its tooltip. */
  label: string
  icon: ReactNode
  /** The chord that does the same, announced and told in the tooltip. */
  keyHint?: string
  pressed?: boolean
}

export function IconButton({
  label,
  icon,
  keyHint,
  pressed,
  className,
  type = 'button',
  ...rest
}: IconButtonProps) {
  const shortcut = useShortcut(keyHint)
  return (
    <button
      {...rest}
      type={type}
      className={classNames(styles.button, className)}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${label} (${shortcut})` : label}
    >
      {icon}
    </button>
  )
}
