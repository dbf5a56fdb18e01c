// The sections of the settings: what each is called, for its panel, its address and the palette, and what else a person
// may call it.
export const settingsSections = {
  engine: { heading: 'Engine', also: 'threads, device, precision' },
  gpu: { heading: 'NVIDIA GPU', also: 'CUDA' },
  folders: { heading: 'Folders', also: 'home, models' },
  files: { heading: 'Check files', also: 'checksums, trash' },
  window: { heading: 'Window', also: 'theme, notifications, awake' },
  machines: { heading: 'Machines', also: 'ssh' },
  hub: { heading: 'Hugging Face hub', also: 'token' },
  log: { heading: 'Versions and log', also: 'diagnostics' },
} as const
