// What the sections of the settings are called, by their headings, and what else a person may call them.
export const settingsSections = [
  { heading: 'Engine', also: 'threads, device, precision' },
  { heading: 'NVIDIA GPU', also: 'CUDA' },
  { heading: 'Folders', also: 'home, models' },
  { heading: 'Check files', also: 'checksums, trash' },
  { heading: 'Window', also: 'theme, notifications, awake' },
  { heading: 'Machines', also: 'ssh' },
  { heading: 'Hugging Face hub', also: 'token' },
  { heading: 'Versions and log', also: 'diagnostics' },
] as const
