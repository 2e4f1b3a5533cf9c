#pragma once

#include "clue/model.hpp"

namespace clued::focus {

/// The same captures without people, their cards and the free texts of descriptions: for somebody who wants privacy
/// (EVT-11), and where there is no room for more (MCU-07).
clue::AdvertisementContent without_names(clue::AdvertisementContent content);

}  // namespace clued::focus
