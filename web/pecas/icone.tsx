import type { JSX } from 'preact'

/** Line drawings of 24 × 24. Each stands beside a word, or on a button that has a name. */
const SHAPES = {
  online: 'M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0ZM8.5 12.2l2.4 2.4 4.6-5',
  pausa: 'M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0ZM10 9v6M14 9v6',
  offline: 'M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0ZM6.5 6.5l11 11',
  relogio: 'M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0ZM12 8v4l2.5 2',
  fora: 'M9 5H5v14h4M14 8l4 4-4 4M18 12H9',
  cheio: 'M4 13h4l2 3h4l2-3h4M4 13v6h16v-6l-3-8H7Z',
  alerta: 'M12 4 3 19h18ZM12 10v4M12 16.8v.2',
  feito: 'M5 12.5l4.5 4.5L19 7.5',
  vazio: 'M4 13h5a3 3 0 0 0 6 0h5M4 13v6h16v-6l-3-8H7Z',
  mais: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  seta: 'M9 6l6 6-6 6',
  menu: 'M4 7h16M4 12h16M4 17h16',
  fechar: 'M6 6l12 12M18 6 6 18',
  conversa: 'M4 19l1.6-4A7.5 7.5 0 1 1 9 18.3Z',
  passar: 'M4 8h13l-3-3M20 16H7l3 3',
  tela: 'M4 5h16v11H4ZM9 20h6M12 16v4',
  lista: 'M5 7h.01M5 12h.01M5 17h.01M9 7h11M9 12h11M9 17h11',
  espera: 'M7 4h10M7 20h10M8 4c0 5 4 5 4 8s-4 3-4 8M16 4c0 5-4 5-4 8s4 3 4 8',
  protocolo: 'M6 4h9l3 3v13H6ZM9 11h6M9 15h6',
  equipe:
    'M12 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0ZM3.5 19c.6-3 2.8-4.5 5.5-4.5s4.9 1.5 5.5 4.5M15 7.3a3 3 0 0 1 0 5.4M17.5 14.9c1.7.7 2.7 2 3 4.1',
  canal: 'M5 12a7 7 0 0 1 14 0M8 12a4 4 0 0 1 8 0M12 12v8',
  negocio: 'M4 8h16v11H4ZM9 8V5h6v3M4 13h16',
  balanca: 'M12 4v16M7 20h10M5 8h14M5 8l-2.5 6h5ZM19 8l-2.5 6h5Z',
  regra: 'M5 7h8M17 7h2M5 17h2M11 17h8M15 5v4M9 15v4M5 12h14',
  lapis: 'M5 19l1-4L16 5l3 3L9 18ZM14 7l3 3',
  ligado: 'M12 4v8M7.5 7a7 7 0 1 0 9 0',
  estrela: 'M12 4l2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9Z',
} as const

export type IconName = keyof typeof SHAPES

export const Icone = ({ nome }: { readonly nome: IconName }): JSX.Element => (
  <svg class="icone" viewBox="0 0 24 24" aria-hidden="true">
    <path d={SHAPES[nome]} />
  </svg>
)

/** The sign of the product. */
export const Marca = (): JSX.Element => (
  <svg viewBox="0 0 512 512" aria-hidden="true">
    <rect width="512" height="512" rx="112" fill="#0f6b52" />
    <g fill="#fff">
      <circle cx="144" cy="156" r="44" />
      <rect x="216" y="124" width="184" height="64" rx="32" />
      <path
        opacity=".55"
        d="M114 264a30 30 0 1 0 60 0 30 30 0 1 0-60 0ZM238 242h106a22 22 0 0 1 0 44H238a22 22 0 0 1 0-44ZM114 360a30 30 0 1 0 60 0 30 30 0 1 0-60 0ZM238 338h66a22 22 0 0 1 0 44h-66a22 22 0 0 1 0-44Z"
      />
    </g>
  </svg>
)
