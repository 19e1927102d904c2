#include "inference/vector_form.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/seed.hpp"
#include "inference/message.hpp"

namespace deepfog {
namespace {

using Values = VectorForm::Values;

/// Rows of signs or of arbitrary numbers, some of them absent.
std::vector<float> random_rows(RandomStream& stream, VectorForm form, std::int64_t rows,
                               std::int64_t columns) {
  std::vector<float> values;
  for (std::int64_t row = 0; row < rows; ++row) {
    const bool absent = form.partial && stream.uniform() < 0.4;
    for (std::int64_t c = 0; c < columns; ++c) {
      const float number = static_cast<float>(2 * stream.uniform() - 1);
      const float sign = number < 0 ? -1.0F : 1.0F;
      values.push_back(absent ? std::nanf("") : form.values == Values::signs ? sign : number);
    }
  }
  return values;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])))) return false;
  }
  return true;
}

TEST(VectorForm, RoundTripsOfEveryForm) {
  RandomStream stream(1);
  for (const VectorForm form : {VectorForm{Values::floats, false}, VectorForm{Values::floats, true},
                                VectorForm{Values::signs, false}, VectorForm{Values::signs, true}}) {
    for (int turn = 0; turn < 200; ++turn) {
      const auto rows = static_cast<std::int64_t>(1 + 20 * stream.uniform());
      const auto columns = static_cast<std::int64_t>(1 + 40 * stream.uniform());
      const std::vector<float> values = random_rows(stream, form, rows, columns);
      std::vector<char> bytes;
      encode_values(form, values.data(), rows, columns, bytes);
      const std::int64_t there = travelling_rows(form, values.data(), rows, columns);
      ASSERT_EQ(bytes.size(), payload_bytes(form, rows, there, columns));
      ASSERT_TRUE(fits(form, bytes.data(), bytes.size(), rows, columns));
      ASSERT_TRUE(same(decode_values(form, bytes.data(), rows, columns), values)) << "form " << form.code();
      if (!bytes.empty()) {
        EXPECT_FALSE(fits(form, bytes.data(), bytes.size() - 1, rows, columns));
      }
      bytes.push_back(0);
      EXPECT_FALSE(fits(form, bytes.data(), bytes.size(), rows, columns));
    }
  }
}

TEST(VectorForm, SizesAreThoseOfThePaper) {
  EXPECT_EQ(payload_bytes({Values::signs, false}, 1, 1, 1024), 128U) << "f o / 8, 4 filters of 16 x 16";
  EXPECT_EQ(payload_bytes({Values::floats, false}, 1, 1, 3), 12U) << "4 |C|";
  EXPECT_EQ(payload_bytes({Values::signs, true}, 32, 10, 140), 4U + 175U)
      << "rows in a bitmap, bits in a row";
  EXPECT_EQ(payload_bytes({Values::signs, true}, 8, 0, 140), 1U);
  EXPECT_EQ(payload_bytes({Values::verdict, false}, 9, 9, 4), 2U);
}

TEST(VectorForm, OfAVerdictTheLastColumnTravels) {
  const float absent = std::nanf("");
  const std::vector<float> values{.1F, .9F, 1, .5F, .5F, 0, absent, absent, absent};
  std::vector<char> bytes;
  encode_values({Values::verdict, false}, values.data(), 3, 3, bytes);
  ASSERT_EQ(bytes.size(), 1U);
  const std::vector<float> read = decode_values({Values::verdict, false}, bytes.data(), 3, 3);
  EXPECT_EQ(read, (std::vector<float>{0, 0, 1, 0, 0, 0, 0, 0, 1})) << "what has left before has left";
}

TEST(VectorForm, FormsFollowFromTheLink) {
  Hyperconnection link;
  EXPECT_TRUE(form_of(link).plain());
  link.binary = true;
  EXPECT_EQ(form_of(link), (VectorForm{Values::signs, false}));
  link.partial = true;
  EXPECT_EQ(form_of(link), (VectorForm{Values::signs, true}));
  link.verdict = true;
  EXPECT_EQ(form_of(link), (VectorForm{Values::verdict, false}));
}

TEST(VectorForm, AMessageWithAnotherSizeOrFormIsNone) {
  MessageHeader header;
  header.kind = MessageKind::vector;
  header.run = 7;
  header.epoch = 1;
  header.link = 0;
  header.frame = {3, 0, 5, 0};
  header.columns = 20;
  header.form = {Values::signs, true};
  RandomStream stream(2);
  const std::vector<float> values = random_rows(stream, header.form, 5, 20);
  std::vector<char> bytes = encode_vector(header, LinkSet(2), LinkSet(2), values.data());
  const auto read = decode_header(bytes, 7, 2);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->form, header.form);
  std::vector<char> longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode_header(longer, 7, 2));
  for (const char form : {1, 3, 6, 7, 99}) {
    std::vector<char> changed = bytes;
    changed[6] = form;
    EXPECT_FALSE(decode_header(changed, 7, 2)) << int(form);
  }
}

}  // namespace
}  // namespace deepfog
