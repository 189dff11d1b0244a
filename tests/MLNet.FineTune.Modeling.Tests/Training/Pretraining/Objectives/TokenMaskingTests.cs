using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Tokenization;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class TokenMaskingTests
{
    /// <summary>100 ordinary tokens after the five special ones; the id says the word's length in the texts below.</summary>
    private static readonly TextTokenizer Tokenizer = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Bert([.. Enumerable.Range(0, 100).Select(i => $"w{i}")])));

    private static readonly MaskingUnit[] Units = Enum.GetValues<MaskingUnit>();

    /// <summary>A passage of words of one to four tokens.</summary>
    private static PassageTokens Passage(Random random, int tokens)
    {
        int[] ids = [Tokenizer.ClsId, .. Enumerable.Range(0, tokens).Select(_ => random.Next(5, 105)), Tokenizer.SepId];
        var continues = new bool[ids.Length];
        for (int i = 1; i <= tokens;)
        {
            int length = random.Next(1, 5);
            for (int j = 1; j < length && i + j <= tokens; j++)
                continues[i + j] = true;
            i += length;
        }
        return new PassageTokens(ids, continues);
    }

    private static (PassageTokens Masked, List<(int Position, int Id)> Targets) Apply(TokenMasking masking, PassageTokens passage, Random random)
    {
        var copy = new PassageTokens((int[])passage.Ids.Clone(), passage.Continues);
        var targets = new List<(int Position, int Id)>();
        masking.Apply(copy, random, targets);
        return (copy, targets);
    }

    [TestMethod]
    public void Targets_are_distinct_ordinary_and_true_and_nothing_else_changes()
    {
        var random = new Random(1);
        foreach (MaskingUnit unit in Units)
            for (int round = 0; round < 500; round++)
            {
                var masking = new TokenMasking(new MaskedLanguageModeling { Unit = unit, Rate = random.NextDouble() * 0.98 + 0.01 }, Tokenizer);
                PassageTokens passage = Passage(random, random.Next(1, 40));
                (PassageTokens masked, List<(int Position, int Id)> targets) = Apply(masking, passage, random);
                Assert.IsNotEmpty(targets);
                Assert.HasCount(targets.Count, targets.Select(target => target.Position).Distinct());
                foreach ((int position, int id) in targets)
                {
                    Assert.IsTrue(position > 0 && position < passage.Ids.Length - 1);
                    Assert.AreEqual(passage.Ids[position], id);
                }
                for (int i = 0; i < passage.Ids.Length; i++)
                    if (!targets.Exists(target => target.Position == i))
                        Assert.AreEqual(passage.Ids[i], masked.Ids[i]);
            }
    }

    [TestMethod]
    public void Special_tokens_in_a_text_are_neither_hidden_nor_predicted()
    {
        int[] special = [Tokenizer.ClsId, Tokenizer.SepId, Tokenizer.PadId, Tokenizer.UnkId, Tokenizer.MaskId!.Value];
        var passage = new PassageTokens([Tokenizer.ClsId, 7, .. special, 8, 9, Tokenizer.SepId], [false, false, true, true, true, true, true, true, true, false]);
        foreach (MaskingUnit unit in Units)
        {
            var masking = new TokenMasking(new MaskedLanguageModeling { Unit = unit, Rate = 0.99 }, Tokenizer);
            for (int seed = 0; seed < 20; seed++)
            {
                (PassageTokens masked, List<(int Position, int Id)> targets) = Apply(masking, passage, new Random(seed));
                CollectionAssert.IsSubsetOf(targets.Select(target => target.Position).ToArray(), new[] { 1, 7, 8 });
                CollectionAssert.AreEqual(special, masked.Ids[2..7]);
            }
        }
        (_, List<(int Position, int Id)> none) = Apply(new TokenMasking(new MaskedLanguageModeling(), Tokenizer), new PassageTokens([2, 1, 3], [false, false, false]), new Random(1));
        Assert.IsEmpty(none, "an unknown word alone");
    }

    [TestMethod]
    [DataRow(0.15)]
    [DataRow(0.3)]
    public void The_rate_holds_for_every_unit_and_length(double rate)
    {
        foreach (MaskingUnit unit in Units)
            foreach (int length in new[] { 30, 127 })
            {
                var masking = new TokenMasking(new MaskedLanguageModeling { Unit = unit, Rate = rate }, Tokenizer);
                var random = new Random(2);
                const int Rounds = 3000;
                double share = Enumerable.Range(0, Rounds).Average(_ => Apply(masking, Passage(random, length), random).Targets.Count / (double)length);
                // The first word is taken whatever its length, which shows where few tokens are wanted.
                Assert.AreEqual(rate, share, rate * (unit != MaskingUnit.Token && length * rate < 6 ? 0.02 : 0.01), $"{unit}, {length} tokens");
            }
    }

    /// <summary>Pearson's test against the shares asked for; the bound is the 0.1 % point of χ² with two degrees of freedom.</summary>
    [TestMethod]
    [DataRow(0.8, 0.1)]
    [DataRow(0.5, 0.2)]
    public void Chosen_tokens_are_masked_replaced_or_left_in_the_shares_asked_for(double mask, double replaced)
    {
        var masking = new TokenMasking(new MaskedLanguageModeling { MaskShare = mask, RandomShare = replaced, Rate = 0.3 }, Tokenizer);
        var random = new Random(3);
        var counts = new double[3];
        var replacements = new double[100];
        for (int round = 0; round < 4000; round++)
        {
            (PassageTokens masked, List<(int Position, int Id)> targets) = Apply(masking, Passage(random, 40), random);
            foreach ((int position, int id) in targets)
            {
                int now = masked.Ids[position];
                counts[now == Tokenizer.MaskId ? 0 : now != id ? 1 : 2]++;
                if (now != Tokenizer.MaskId && now != id)
                    replacements[now - 5]++;
            }
        }
        double total = counts.Sum();
        // One random token in a hundred is the token itself.
        double[] shares = [mask, replaced * 0.99, 1 - mask - replaced * 0.99];
        Assert.IsLessThan(13.8, shares.Zip(counts).Sum(pair => Math.Pow(pair.Second - pair.First * total, 2) / (pair.First * total)), string.Join(", ", counts));
        // Replacements are drawn evenly: χ² with 99 degrees of freedom.
        double each = replacements.Sum() / 100;
        Assert.IsLessThan(148.2, replacements.Sum(count => Math.Pow(count - each, 2) / each));
    }

    [TestMethod]
    public void Whole_words_are_chosen_whole()
    {
        foreach (MaskingUnit unit in new[] { MaskingUnit.WholeWord, MaskingUnit.Span })
        {
            var masking = new TokenMasking(new MaskedLanguageModeling { Unit = unit, Rate = 0.3 }, Tokenizer);
            var random = new Random(4);
            for (int round = 0; round < 500; round++)
            {
                PassageTokens passage = Passage(random, 40);
                HashSet<int> chosen = [.. Apply(masking, passage, random).Targets.Select(target => target.Position)];
                for (int i = 1; i < 40; i++)
                    if (passage.Continues[i + 1])
                        Assert.AreEqual(chosen.Contains(i), chosen.Contains(i + 1), $"{unit}: tokens {i} and {i + 1} are of one word");
            }
        }
    }

    /// <summary>In a long passage of which little is masked, runs hardly meet: their lengths are SpanBERT's, with mean 3.8.</summary>
    [TestMethod]
    public void Spans_follow_the_truncated_geometric_distribution()
    {
        const int Words = 40_000, Longest = 10;
        var passage = new PassageTokens([2, .. Enumerable.Repeat(50, Words), 3], new bool[Words + 2]);
        var masking = new TokenMasking(new MaskedLanguageModeling { Unit = MaskingUnit.Span, Rate = 0.02 }, Tokenizer);
        var random = new Random(5);
        var lengths = new double[Longest + 1];
        for (int round = 0; round < 40; round++)
        {
            // The last run may be cut where the rate is reached.
            int[] positions = [.. Apply(masking, passage, random).Targets.Select(target => target.Position)];
            for (int i = 0, run = 1; i + 1 < positions.Length; i++, run++)
                if (positions[i + 1] != positions[i] + 1)
                {
                    if (run <= Longest)
                        lengths[run]++;
                    run = 0;
                }
        }
        double runs = lengths.Sum();
        double[] expected = [.. Enumerable.Range(0, Longest + 1).Select(length => length == 0 ? 0 : 0.2 * Math.Pow(0.8, length - 1) / (1 - Math.Pow(0.8, Longest)))];
        Assert.IsGreaterThan(5000, runs);
        for (int length = 1; length <= Longest; length++)
            Assert.AreEqual(expected[length], lengths[length] / runs, 0.02, $"runs of {length}");
        Assert.AreEqual(3.8, expected.Select((share, length) => share * length).Sum(), 0.01, "as published");
        Assert.AreEqual(3.8, lengths.Select((count, length) => count * length).Sum() / runs, 0.15);
    }

    [TestMethod]
    public void Draws_anew_each_time_and_the_same_from_the_same_seed()
    {
        var masking = new TokenMasking(new MaskedLanguageModeling(), Tokenizer);
        PassageTokens passage = Passage(new Random(6), 40);
        var random = new Random(7);
        List<(int, int)> first = Apply(masking, passage, random).Targets;
        CollectionAssert.AreNotEqual(first, Apply(masking, passage, random).Targets);
        CollectionAssert.AreEqual(first, Apply(masking, passage, new Random(7)).Targets);
    }

    [TestMethod]
    public void A_tokenizer_without_mask_token_is_refused()
    {
        TextTokenizer without = TinyVocabulary.Load(("vocab.txt", TinyVocabulary.Lines("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a")));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => new TokenMasking(new MaskedLanguageModeling(), without)).Message, "no mask token");
    }
}
