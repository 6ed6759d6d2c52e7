import type { ComponentProps } from 'react'
import { pagePermissions } from '@/domain/page-permission'
import { SideFrame } from '../../side-frame'

export default function MyFiguresLayout(
  props: Pick<ComponentProps<typeof SideFrame>, 'params' | 'children'>,
) {
  return <SideFrame {...props} permission={pagePermissions['my-figures']} />
}
