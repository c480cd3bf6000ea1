#pragma once

namespace gcnc {

void registerConvolutions();
void registerBias();
void registerBatchNorm();
void registerMomentum();
void registerPooling();
void registerSumOfSquares();

}  // namespace gcnc
