import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { type Bridge, callChannel, eventChannel, isCallName, isEventName } from './contract.ts'

/** By the name of the event. One listener for all of them: a listener each is more than Electron takes for no leak. */
const listeners = new Map<unknown, Set<(payload: unknown) => void>>()
ipcRenderer.on(eventChannel, (_event: unknown, name: unknown, payload: unknown) => {
  for (const listener of listeners.get(name) ?? []) listener(payload)
})

const bridge: Bridge = {
  invoke(name, input) {
    if (!isCallName(name)) return Promise.reject(new TypeError(`no such call: ${String(name)}`))
    return ipcRenderer.invoke(callChannel, name, input)
  },
  subscribe(name, listener) {
    if (!isEventName(name)) throw new TypeError(`no such event: ${String(name)}`)
    const own = (payload: unknown): void => listener(payload)
    const heard = listeners.get(name) ?? new Set()
    listeners.set(name, heard.add(own))
    return () => void heard.delete(own)
  },
  pathOf(file) {
    return webUtils.getPathForFile(file) || undefined
  },
}

contextBridge.exposeInMainWorld('workbench', bridge)
