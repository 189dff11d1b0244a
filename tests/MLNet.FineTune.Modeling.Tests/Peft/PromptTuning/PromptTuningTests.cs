using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

/// <summary>A prompt of the embeddings of words is these words before the text.</summary>
[TestClass]
public sealed class PromptTuningTests
{
    /// <summary>Padding, segments and positions included; the vector of the first token is then the prompt's first, as in Python.</summary>
    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void LogitsAreThoseOfTheWordsBeforeTheText(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(family);
        EncoderConfig config = model.Encoder.Config;
        int[][] rows = TinyEncoder.Rows(3, 9, 2, 12, 15), segments = TinyEncoder.Segments(rows);
        Tensor expected = model.Forward(ByHand.WithWords(rows, segments, config));

        using PeftAdapter adapter = PeftAdapter.Attach(model, ByHand.Prompt);
        ByHand.AssertClose(expected, model.Forward(EncoderInput.Create(rows, segments, config, CPU)));
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoder.FamilyRows), typeof(TinyEncoder))]
    public void AveragesAreOfTheTextAlone(string family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(family, pooling: PoolingMode.Mean);
        EncoderConfig config = model.Encoder.Config;
        int[][] rows = TinyEncoder.Rows(3, 9, 2, 12, 15);
        Tensor hidden = model.Encoder.Forward(ByHand.WithWords(rows, null, config)).LastHidden;
        Tensor expected = cat([.. rows.Select((row, i) => hidden[i].narrow(0, ByHand.Words.Length, row.Length).mean([0], keepdim: true))]);
        var head = (FineTune.Heads.SequenceHead)model.Head;
        expected = head.Output.Forward(expected);

        using PeftAdapter adapter = PeftAdapter.Attach(model, ByHand.Prompt);
        ByHand.AssertClose(expected, model.Forward(EncoderInput.Create(rows, null, config, CPU)));
    }

    [TestMethod]
    [DataRow("bert", TextTask.TokenClassification)]
    [DataRow("roberta", TextTask.TokenClassification)]
    [DataRow("deberta-v2", TextTask.QuestionAnswering)]
    [DataRow("albert", TextTask.MaskedLanguageModel)]
    public void HeadsOnTokensSeeTheText(string family, object task)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model(TinyEncoder.Json(family), task: (TextTask)task);
        EncoderConfig config = model.Encoder.Config;
        int[][] rows = TinyEncoder.Rows(3, 9, 9);
        Tensor expected = model.Forward(ByHand.WithWords(rows, null, config)).narrow(1, ByHand.Words.Length, 9);

        using PeftAdapter adapter = PeftAdapter.Attach(model, ByHand.Prompt);
        ByHand.AssertClose(expected, model.Forward(EncoderInput.Create(rows, null, config, CPU)));
    }

    [TestMethod]
    public void TwoPromptsStandOneBeforeTheOther()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TaskModel model = TinyEncoder.Model("bert");
        EncoderConfig config = model.Encoder.Config;
        int[][] rows = TinyEncoder.Rows(3, 7, 4);
        int[] later = [9, 33];
        Tensor expected = model.Forward(EncoderInput.Create([.. rows.Select(row => (int[])[.. later, .. ByHand.Words, .. row])], null, config, CPU));

        using PeftAdapter first = PeftAdapter.Attach(model, ByHand.Prompt);
        using PeftAdapter second = PeftAdapter.Attach(model, new PromptTuning { Length = 2, Initialization = PromptInitialization.Text, InitialTokens = later });
        ByHand.AssertClose(expected, model.Forward(EncoderInput.Create(rows, null, config, CPU)));
    }

    [TestMethod]
    public void ItBeginsAsItIsTold()
    {
        using var scope = NewDisposeScope();
        using TaskModel model = TinyEncoder.Model("bert");
        Tensor words = model.Encoder.Embeddings.Word.Weight;
        Tensor Start(PromptTuning method)
        {
            using PeftAdapter adapter = PeftAdapter.Attach(model, method);
            return adapter.Own.Single().Parameter.detach().clone();
        }

        // Shorter than the prompt: from the beginning again; longer: cut.
        ByHand.AssertClose(words.detach()[tensor(new long[] { 3, 9, 3, 9, 3 })], Start(new() { Length = 5, Initialization = PromptInitialization.Text, InitialTokens = [3, 9] }));
        ByHand.AssertClose(words.detach()[tensor(new long[] { 3 })], Start(new() { Length = 1, Initialization = PromptInitialization.Text, InitialTokens = [3, 9] }));
        Tensor random = Start(new() { Length = 18, Initialization = PromptInitialization.Random });
        Assert.IsLessThanOrEqualTo(0.5f, random.abs().max().item<float>());
        Assert.IsLessThan(0.05f, Math.Abs(random.std().item<float>() - MathF.Sqrt(1f / 12)));
        Tensor drawn = Start(new() { Length = 18 });
        for (int i = 0; i < 18; i++)
            Assert.AreEqual(0f, (words.detach() - drawn[i]).abs().amax([1]).min().item<float>(), "a word of the vocabulary");
    }

    /// <summary>The tokenizer reads the text before training; what is saved needs it no more.</summary>
    [TestMethod]
    public void ATextBecomesTokens()
    {
        var method = new PromptTuning { Length = 4, Initialization = PromptInitialization.Text, InitialText = "red green blue" };
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(method));

        var trained = (PromptTuning)classifier.Adapter.Method;
        Assert.HasCount(3, trained.InitialTokens!);
        Assert.AreEqual(3, trained.InitialTokens!.Distinct().Count());
        using TextClassifier loaded = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(loaded, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void WrongStartsAreNamed()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new PromptTuning { Initialization = PromptInitialization.Text }.Validate()).Message, "InitialText");
        using TaskModel model = TinyEncoder.Model("bert");
        long tensors = LiveTensors.Count();
        foreach ((PromptTuning method, string expected) in new (PromptTuning, string)[]
        {
            (new() { Length = 2, Initialization = PromptInitialization.Text, InitialTokens = [4, TinyEncoder.Vocabulary] }, "token 40; expected tokens 0 to 39"),
            (new() { Length = 2, Initialization = PromptInitialization.Text, InitialTokens = [-1] }, "token -1"),
            (new() { Length = 2, Initialization = PromptInitialization.Text, InitialText = "red" }, "no tokens"),
            (new() { Length = 20 }, "leaves none of the 20 tokens"),
        })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PeftAdapter.Attach(model, method)).Message, expected);
        Assert.AreEqual(tensors, LiveTensors.Count());
    }
}
