import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { type Bridge, callChannel, eventChannel, isCallName, isEventName } from './contract.ts'

const bridge: Bridge = {
  invoke(name, input) {
    if (!isCallName(name)) return Promise.reject(new TypeError(`no such call: ${String(name)}`))
    return ipcRenderer.invoke(callChannel, name, input)
  },
  subscribe(name, listener) {
    if (!isEventName(name)) throw new TypeError(`no such event: ${String(name)}`)
    const forward = (_event: unknown, event: unknown, payload: unknown): void => {
      if (event === name) listener(payload)
    }
    ipcRenderer.on(eventChannel, forward)
    return () => {
      ipcRenderer.off(eventChannel, forward)
    }
  },
  pathOf(file) {
    return webUtils.getPathForFile(file) || undefined
  },
}

contextBridge.exposeInMainWorld('workbench', bridge)
