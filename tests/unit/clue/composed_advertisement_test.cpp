#include "clue/composed_advertisement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clue/codec.hpp"
#include "unit/clue/codec_support.hpp"

namespace clued::clue {
namespace {

/// The complete content, cut into a part with the captures and groups and one with the rest.
std::vector<AdvertisementPartPtr> two_parts() {
  auto first = testing::complete_content();
  AdvertisementContent second;
  second.captures = {first.captures.back()};
  first.captures.pop_back();
  second.encoding_groups = {first.encoding_groups.back()};
  first.encoding_groups.pop_back();
  std::swap(first.scenes, second.scenes);
  std::swap(first.simultaneous_sets, second.simultaneous_sets);
  std::swap(first.global_views, second.global_views);
  std::swap(first.people, second.people);
  return {make_part(first), make_part(second)};
}

TEST(ComposedAdvertisement, SaysAllOfItsPartsInOrder) {
  const ComposedAdvertisement composed(two_parts());
  EXPECT_EQ(composed.content(), testing::complete_content());
  const Header header{{1, 0}, "focus", 17};
  EXPECT_EQ(composed.encode(header), encode(Advertisement{header, testing::complete_content()}));
}

TEST(ComposedAdvertisement, EncodesWhatCanBeDecoded) {
  const Header header{{1, 0}, std::nullopt, 18};
  const auto message = decode(ComposedAdvertisement(two_parts()).encode(header));
  ASSERT_TRUE(message.has_value()) << message.error().reason;
  EXPECT_EQ(std::get<Advertisement>(*message).header, header);
  EXPECT_EQ(std::get<Advertisement>(*message).content.captures.size(), 5U);
}

TEST(ComposedAdvertisement, KeepsTheMandatoryWrappersWhenItIsEmpty) {
  const auto bytes = ComposedAdvertisement{}.encode({});
  EXPECT_THAT(bytes, ::testing::HasSubstr("<p:mediaCaptures/><p:encodingGroups/><p:captureScenes/></p:advertisement>"));
  EXPECT_TRUE(decode(bytes).has_value());
}

TEST(ComposedAdvertisement, FindsThingsInAnyPart) {
  const ComposedAdvertisement composed(two_parts());
  ASSERT_NE(composed.capture("v1"), nullptr);
  EXPECT_EQ(composed.capture("v1")->id, "v1");
  ASSERT_NE(composed.capture("o1"), nullptr);
  EXPECT_EQ(composed.capture("o1")->media_type, "smell");
  EXPECT_EQ(composed.capture("nobody"), nullptr);
  ASSERT_NE(composed.encoding_group("g2"), nullptr);
  EXPECT_EQ(composed.encoding_group("g2")->encoding_ids.front(), "enc3");
  EXPECT_EQ(composed.encoding_group("v1"), nullptr);
  ASSERT_NE(composed.scene_view("w2"), nullptr);
  EXPECT_EQ(composed.scene_view("w2")->capture_ids.front(), "v2");
  EXPECT_EQ(composed.scene_view("s1"), nullptr);
}

TEST(ComposedAdvertisement, EqualsWhatSaysTheSame) {
  const auto parts = two_parts();
  const ComposedAdvertisement composed(parts);
  EXPECT_EQ(composed, ComposedAdvertisement(parts));
  EXPECT_EQ(composed, ComposedAdvertisement(two_parts()));                               // rendered anew
  EXPECT_EQ(composed, ComposedAdvertisement({make_part(testing::complete_content())}));  // cut otherwise
  EXPECT_EQ(composed, ComposedAdvertisement({parts[0], make_part({}), parts[1]}));
  EXPECT_NE(composed, ComposedAdvertisement({parts[0]}));
  auto other = testing::complete_content();
  other.people[0].types[0] = "attendees";  // as long as before
  other.people[0].types[0].pop_back();
  EXPECT_NE(composed, ComposedAdvertisement({make_part(other)}));
}

TEST(ComposedAdvertisement, EstimatesItsSize) {
  const ComposedAdvertisement composed(two_parts());
  const auto size = composed.encode({{1, 0}, "a usual clueId", 4'294'967'295}).size();
  EXPECT_GE(composed.size_estimate(), size);
  EXPECT_LE(composed.size_estimate(), size + 400);
}

// The part's index refers into the part itself, which nobody else may hold.
TEST(ComposedAdvertisement, PartsOutliveTheirMakers) {
  const MediaCapture* found = nullptr;
  std::unique_ptr<ComposedAdvertisement> composed;
  {
    const auto parts = two_parts();
    composed = std::make_unique<ComposedAdvertisement>(parts);
  }
  found = composed->capture("t1");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->type, MediaType::text);
}

}  // namespace
}  // namespace clued::clue
