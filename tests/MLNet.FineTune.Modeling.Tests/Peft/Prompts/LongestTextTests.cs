using System.Text;
using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Tests.Models;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A prompt takes its room from the longest text. The encoder takes 24 tokens.</summary>
[TestClass]
public sealed class LongestTextTests
{
    private static readonly PeftMethod[] Methods =
    [
        new PrefixTuning { Length = 6 }, new PTuningV2 { Length = 6 }, new PromptTuning { Length = 6 }, new PTuning { Length = 6 },
        new EfficientPromptTuning { Length = 6 }, new PromptTunedEmbeddingClassification { Length = 6 },
    ];

    private static readonly string Long = string.Join(' ', Enumerable.Repeat("red", 60));

    [TestMethod]
    public void LongTextsAreCutToWhatIsLeft()
    {
        foreach (PeftMethod method in Methods)
        {
            using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method, TinyTexts.Options(epochs: 1)));
            Assert.AreEqual(18, classifier.Settings.MaxLength, method.MethodName);
            Assert.IsTrue(TinyTexts.Scores(classifier, [new(Long)]).All(float.IsFinite), method.MethodName);
        }
    }

    [TestMethod]
    public void ASettingThatLeavesNoRoomIsFound()
    {
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new PromptTuning { Length = 6 }, TinyTexts.Options(epochs: 1)));
        Dictionary<string, byte[]> files = TinyTexts.Save(classifier);
        JsonObject settings = JsonNode.Parse(files["settings.json"])!.AsObject();
        settings[nameof(TextClassifierSettings.MaxLength)] = 19;
        files["settings.json"] = Encoding.UTF8.GetBytes(settings.ToJsonString());

        string message = Assert.ThrowsExactly<InvalidDataException>(() => TinyTexts.Load(files)).Message;
        StringAssert.Contains(message, "19");
        StringAssert.Contains(message, "to 18");
    }

    [TestMethod]
    [DataRow(22)]
    [DataRow(24)]
    public void APromptThatLeavesNoneIsRefused(int length) => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => FineTuner.Fit(TinyTexts.Task(new PromptTuning { Length = length }))).Message, "leaves none for the text");
}
