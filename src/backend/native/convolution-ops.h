#pragma once

namespace gcnc {

void registerConvolutions();

}  // namespace gcnc
