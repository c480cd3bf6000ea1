import { isCheckout } from './addons.mjs';

/** What a user types to set up: in a checkout npm's script, where npm installed the package its command. */
export const setupCommand = (root, flag = '') =>
  isCheckout(root)
    ? `npm run setup${flag === '' ? '' : ` -- ${flag}`}`
    : `gcnc setup${flag === '' ? '' : ` ${flag}`}`;
