#pragma once

namespace gcnc {

void registerConvolutions();
void registerBatchNorm();
void registerMomentum();
void registerPooling();

}  // namespace gcnc
