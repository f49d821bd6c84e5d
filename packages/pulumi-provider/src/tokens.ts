/** Names by which programs and the engine know what this provider offers. */
export const packageName = "nixos";
export const hostToken = "nixos:index:Host";
export const evaluateToken = "nixos:index:evaluate";
export const getFleetToken = "nixos:index:getFleet";
