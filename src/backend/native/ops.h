#pragma once

namespace gcnc {

void registerConvolutions();
void registerBatchNorm();
void registerMomentum();

}  // namespace gcnc
