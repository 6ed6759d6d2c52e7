'use client'
import { ChevronRight, CloudOff, LogOut, Plus, UserRound } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLink, MenuSeparator } from '../ui/menu'
import { useToast } from '../ui/toast'
import { AccountButton } from './account-button'
import type { AccountMenuProps } from './account-menu'
import styles from './account-menu.module.css'
import { leave } from './auth-requests'
import { applyTheme, currentTheme, type Theme } from './theme'

/** The menu itself, open from the start: it is loaded when somebody first asks for it. */
export function AccountMenuOpen({ facts, groups = [], named = false, side }: AccountMenuProps) {
  const [theme, setTheme] = useState<Theme>(currentTheme)
  const { person, projects, project, links } = facts
  const toast = useToast()
  const signOut = () =>
    leave().catch(() =>
      toast.show({
        icon: <CloudOff />,
        text: 'The server can’t be reached, so you are still signed in. Try again.',
      }),
    )
  return (
    <Menu
      defaultOpen
      align={named ? 'start' : 'end'}
      side={side}
      trigger={
        <AccountButton
          name={person.name}
          named={named}
          onPointerDown={() => setTheme(currentTheme())}
          onKeyDown={() => setTheme(currentTheme())}
        />
      }
    >
      <MenuLabel>
        <span className={styles.who}>{person.name}</span>
        <br />
        {person.unnamed ? person.role : `${person.email}, ${person.role}`}
      </MenuLabel>
      {groups.map(group => {
        const own = links.filter(link => link.group === group)
        return own.length > 0 ? (
          <div key={group}>
            <MenuSeparator />
            <MenuLabel>{group}</MenuLabel>
            {own.map(link => (
              <MenuLink key={link.href} href={link.href}>
                {link.label}
              </MenuLink>
            ))}
          </div>
        ) : null
      })}
      {projects.length > 1 ? (
        <>
          <MenuSeparator />
          <MenuLabel>Projects</MenuLabel>
          {projects.map(other => (
            <MenuLink
              key={other.slug}
              href={`/p/${other.slug}`}
              current={other.slug === project.slug}
              icon={other.slug === project.slug ? undefined : <ChevronRight />}
            >
              {other.name}
            </MenuLink>
          ))}
        </>
      ) : null}
      <MenuSeparator />
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={value => {
          setTheme(value as Theme)
          applyTheme(value as Theme)
        }}
        options={[
          { value: 'system', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <MenuSeparator />
      <MenuLink href="/new" icon={<Plus />}>
        New project
      </MenuLink>
      <MenuLink href="/account" icon={<UserRound />}>
        {person.unnamed ? 'Make this account yours' : 'Account'}
      </MenuLink>
      <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}
