// Multiple Content Captures that have themselves as source, directly or through others.
#pragma once

#include "clue/model.hpp"
#include "clue/validation_index.hpp"

namespace clued::clue {

/// One of the captures of a loop, or nullptr when there is none. In time linear in the references, which have to exist.
const MediaCapture* find_looped_capture(const AdvertisementContent& content, const IdIndex& index);

}  // namespace clued::clue
