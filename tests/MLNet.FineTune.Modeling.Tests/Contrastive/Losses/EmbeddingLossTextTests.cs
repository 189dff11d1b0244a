using System.Reflection;
using Microsoft.ML.SearchSpace;
using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.Tests.Contrastive.Losses;

[TestClass]
public sealed class EmbeddingLossTextTests
{
    [TestMethod]
    public void NamesAreStable() => CollectionAssert.AreEquivalent(
        new Dictionary<string, Type>
        {
            ["cosine"] = typeof(CosineSimilarityLoss),
            ["contrastive"] = typeof(MarginContrastiveLoss),
            ["online-contrastive"] = typeof(OnlineContrastiveLoss),
            ["triplet"] = typeof(TripletLoss),
            ["supervised-contrastive"] = typeof(SupervisedContrastiveLoss),
            ["multiple-negatives-ranking"] = typeof(MultipleNegativesRankingLoss),
        },
        EmbeddingLosses.ByName.ToDictionary());

    [TestMethod]
    public void EveryLossHasAName()
    {
        foreach (Type type in typeof(EmbeddingLoss).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(EmbeddingLoss)) && !type.IsAbstract))
        {
            var loss = (EmbeddingLoss)Activator.CreateInstance(type)!;
            Assert.AreSame(type, EmbeddingLosses.ByName[loss.LossName]);
            Assert.AreEqual(loss.LossName, loss.Format());
            Assert.AreEqual(loss, EmbeddingLoss.Parse(loss.Format()));
        }
    }

    [TestMethod]
    public void SearchRangesStartAtTheDefaultsAndHoldOnlyValidValues()
    {
        foreach (Type type in EmbeddingLosses.ByName.Values)
            foreach (PropertyInfo option in type.GetProperties().Where(option => option.CanWrite))
            {
                object[] values = option.GetCustomAttribute<RangeAttribute>() is { } range ? [range.Init, range.Min, range.Max] : option.GetCustomAttribute<ChoiceAttribute>()!.Candidates;
                var loss = (EmbeddingLoss)Activator.CreateInstance(type)!;
                Assert.AreEqual(values[0], option.GetValue(loss), $"{type.Name}.{option.Name}");
                foreach (object value in values)
                {
                    option.SetValue(loss, value);
                    loss.Validate();
                }
            }
    }

    [TestMethod]
    [DataRow("triplet(mining=batch-hard, margin=1)", "triplet(mining=batch_hard, margin=1)")]
    [DataRow(" Triplet ( Mining = BatchSemiHard , Margin = null, distance=cosine ) ", "triplet(mining=batch_semi_hard, margin=null, distance=cosine)")]
    [DataRow("triplet(margin=5, distance=Euclidean)", "triplet")]
    [DataRow("contrastive(margin=0.25, distance=euclidean)", "contrastive(margin=0.25, distance=euclidean)")]
    [DataRow("OnlineContrastive(margin=.75)", "online-contrastive(margin=0.75)")]
    [DataRow("supervised_contrastive(temperature=0.1)", "supervised-contrastive(temperature=0.1)")]
    [DataRow("multiple-negatives-ranking(scale=1e1)", "multiple-negatives-ranking(scale=10)")]
    [DataRow("cosine()", "cosine")]
    public void Texts(string text, string expected)
    {
        EmbeddingLoss loss = EmbeddingLoss.Parse(text);
        Assert.AreEqual(expected, loss.Format());
        Assert.AreEqual(loss, EmbeddingLoss.Parse(expected));
    }

    [TestMethod]
    public void ValuesAreRead() => Assert.AreEqual(
        new TripletLoss { Mining = TripletMining.BatchHard, Margin = null, Distance = EmbeddingDistance.Cosine },
        EmbeddingLoss.Parse("triplet(mining=batch-hard, margin=null, distance=cosine)"));

    [TestMethod]
    [DataRow("", "position 1", "the end", "expected a name")]
    [DataRow("lora", "position 1", "found the loss 'lora'", "contrastive, cosine, multiple-negatives-ranking, online-contrastive, supervised-contrastive, triplet")]
    [DataRow("cosine(margin=1)", "position 8", "'margin'", "it has none")]
    [DataRow("triplet(mine=all)", "position 9", "'mine'", "it has mining, margin, distance")]
    [DataRow("triplet(mining=hard)", "position 16", "triplet.mining is 'hard'", "batch_all, batch_hard, batch_semi_hard")]
    [DataRow("triplet(margin=wide)", "position 16", "triplet.margin is 'wide'", "a number")]
    [DataRow("cosine | triplet", "position 8", "'| triplet'", "expected the end")]
    [DataRow("triplet(margin=0)", "position 1", "TripletLoss.Margin is 0", "null or a number above 0")]
    public void WhatIsWrongIsNamed(string text, params string[] parts)
    {
        string message = Assert.ThrowsExactly<FormatException>(() => EmbeddingLoss.Parse(text)).Message;
        foreach (string part in parts)
            StringAssert.Contains(message, part);
    }

    public static IEnumerable<object[]> Invalid =>
    [
        [new MarginContrastiveLoss { Margin = 0 }, "MarginContrastiveLoss.Margin is 0; expected a number above 0."],
        [new MarginContrastiveLoss { Margin = float.NaN }, "MarginContrastiveLoss.Margin is NaN; expected a number above 0."],
        [new MarginContrastiveLoss { Distance = (EmbeddingDistance)7 }, "MarginContrastiveLoss.Distance is 7; expected Cosine, Euclidean."],
        [new OnlineContrastiveLoss { Margin = -1 }, "OnlineContrastiveLoss.Margin is -1; expected a number above 0."],
        [new OnlineContrastiveLoss { Distance = (EmbeddingDistance)7 }, "OnlineContrastiveLoss.Distance is 7; expected Cosine, Euclidean."],
        [new TripletLoss { Margin = float.PositiveInfinity }, "TripletLoss.Margin is Infinity; expected null or a number above 0."],
        [new TripletLoss { Mining = (TripletMining)3 }, "TripletLoss.Mining is 3; expected BatchAll, BatchHard, BatchSemiHard."],
        [new TripletLoss { Distance = (EmbeddingDistance)(-1) }, "TripletLoss.Distance is -1; expected Cosine, Euclidean."],
        [new SupervisedContrastiveLoss { Temperature = 0 }, "SupervisedContrastiveLoss.Temperature is 0; expected 0.001 to 1000."],
        [new SupervisedContrastiveLoss { Temperature = float.NaN }, "SupervisedContrastiveLoss.Temperature is NaN; expected 0.001 to 1000."],
        [new MultipleNegativesRankingLoss { Scale = -20 }, "MultipleNegativesRankingLoss.Scale is -20; expected 0.001 to 1000."],
    ];

    [TestMethod]
    [DynamicData(nameof(Invalid))]
    public void OptionsAreChecked(EmbeddingLoss loss, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<ArgumentException>(loss.Validate).Message);

    [TestMethod]
    public void TheSoftMarginIsValid() => new TripletLoss { Margin = null }.Validate();
}
