using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tests.Models;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Peft;

[TestClass]
public sealed class AutoLoraTests
{
    private static readonly EncoderSource TwoLayers = EncoderSource.FromScratch(
        new ScratchEncoderOptions { LayerCount = 2, HiddenSize = 16, HeadCount = 2, IntermediateSize = 32, MaxLength = 24, VocabularySize = 200, Dropout = 0 });

    [TestMethod]
    public void RanksDifferAndMeetTheBudget()
    {
        var lines = new List<string>();
        using TextClassifier classifier = FineTuner.Fit(TinyTexts.Task(new AutoLora { MaxRank = 4, MeanRank = 2, SelectionLearningRate = 0.1f, Targets = TargetModules.Attention }, encoder: TwoLayers) with { Inform = lines.Add });

        var method = (Lora)classifier.Adapter.Method;
        Assert.HasCount(8, method.RankPattern!);
        Assert.AreEqual(2 * 8, method.RankPattern!.Values.Sum());
        Assert.IsGreaterThan(1, method.RankPattern.Values.Distinct().Count(), "all ranks are equal");
        Assert.AreEqual(2 * 8 * 2 * 16, classifier.Adapter.Own.Sum(parameter => parameter.Parameter.numel()));
        Assert.IsTrue(lines.Any(line => line.StartsWith("Ranks found: ", StringComparison.Ordinal)));

        // The ranks are options of the method that is saved.
        using TextClassifier back = TinyTexts.Load(TinyTexts.Save(classifier));
        CollectionAssert.AreEqual(TinyTexts.Scores(classifier, TinyTexts.Test.Inputs), TinyTexts.Scores(back, TinyTexts.Test.Inputs));
    }

    [TestMethod]
    public void ThresholdOrBudgetDecidesWhatRemains()
    {
        float[][] weights = [[0.4f, 0.3f, 0.2f, 0.1f], [0.97f, 0.01f, 0.01f, 0.01f], [0.25f, 0.25f, 0.25f, 0.25f]];
        CollectionAssert.AreEqual((int[])[2, 1, 4], new AutoLora { MaxRank = 4 }.Ranks(weights));
        CollectionAssert.AreEqual((int[])[2, 1, 0], new AutoLora { MaxRank = 4, MeanRank = 1 }.Ranks(weights));
        CollectionAssert.AreEqual((int[])[4, 4, 4], new AutoLora { MaxRank = 4, MeanRank = 4 }.Ranks(weights));
    }

    [TestMethod]
    public void PreparationLeavesTheModelAsItWas()
    {
        using var session = new Session();
        using var scope = NewDisposeScope();
        Dictionary<string, float[]> before = session.Parameters();
        long tensors = LiveTensors.Count();
        new AutoLora { MaxRank = 2 }.Prepare(session.Preparation);
        Assert.AreEqual(tensors, LiveTensors.Count());
        foreach ((string name, float[] values) in session.Parameters())
            CollectionAssert.AreEqual(before[name], values, name);
        Assert.IsTrue(session.Preparation.Model.Linears().All(linear => linear.Linear.Site.Modules.Count == 0));
    }

    /// <summary>The gradient through the unrolled step, against central differences of the whole function.</summary>
    [TestMethod]
    public void TheHyperGradientIsThatOfTheLossAfterAStep()
    {
        const double Rate = 0.5, Step = 2e-2;
        using var session = new Session();
        using var scope = NewDisposeScope();
        using PeftAdapter adapter = PeftAdapter.Attach(session.Preparation.Model, new AutoLora { MaxRank = 3, Alpha = 6 });
        manual_seed(4);
        using (no_grad())
            foreach (SelectedLoraLinear module in adapter.Placed.Select(placed => (SelectedLoraLinear)placed.Module))
            {
                module.B.normal_(0, 0.3);
                module.Selection.normal_();
            }
        int[] train = [.. Enumerable.Range(0, 24)], validation = [.. Enumerable.Range(0, 12)];
        AdapterParameter[] selection = [.. adapter.Trainable.Where(p => SelectionSearch.IsSelection(p.Name))], weights = [.. adapter.Trainable.Where(p => !SelectionSearch.IsSelection(p.Name))];

        double LossAfterAStep()
        {
            using var inner = NewDisposeScope();
            Tensor[] gradients = [.. autograd.grad([session.Preparation.Loss(session.Preparation.Train, train)], [.. weights.Select(p => (Tensor)p.Parameter)])];
            using var _ = no_grad();
            Move(-Rate);
            double loss = session.Preparation.Loss(session.Preparation.Validation, validation).item<float>();
            Move(Rate);
            return loss;

            void Move(double by)
            {
                foreach ((AdapterParameter parameter, Tensor gradient) in weights.Zip(gradients))
                    parameter.Parameter.add_(gradient, alpha: by);
            }
        }

        var expected = new List<double>();
        foreach (AdapterParameter parameter in selection)
            for (int i = 0; i < parameter.Parameter.numel(); i++)
            {
                double At(double offset)
                {
                    using (no_grad())
                        parameter.Parameter[i].add_(offset);
                    double loss = LossAfterAStep();
                    using (no_grad())
                        parameter.Parameter[i].sub_(offset);
                    return loss;
                }
                expected.Add((At(Step) - At(-Step)) / (2 * Step));
            }
        using var search = new SelectionSearch(session.Preparation, adapter, Rate, 0.1);
        double[] actual = [.. search.HyperGradient(train, validation).SelectMany(gradient => gradient.data<float>().ToArray()).Select(value => (double)value)];

        double gap = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum()), length = Math.Sqrt(expected.Sum(value => value * value));
        Assert.IsLessThan(0.1 * length, gap, $"expected {string.Join(", ", expected)}; found {string.Join(", ", actual)}");
    }

    /// <summary>What <see cref="FineTuner"/> sets up before a method prepares itself.</summary>
    private sealed class Session : IDisposable
    {
        private readonly PretrainedEncoder _encoder;

        public Session()
        {
            FineTuneTask task = TinyTexts.Task(encoder: TwoLayers);
            manual_seed(1);
            _encoder = task.Encoder.Open(task.Data.Inputs.Select(input => input.Text));
            Encoding[] rows = task.Data.Inputs.Encode(_encoder.Tokenizer, _encoder.LowerCase, 24, task.Truncation);
            var data = new EncodedTexts(new TextBatches(rows, _encoder.Config with { Device = CPU }), task.Data.Labels);
            Preparation = new PeftPreparation(new FineTuneSession(task, _encoder, _encoder.CreateClassifier(new(task.ClassCount, task.Pooling), CPU)), data);
        }

        public PeftPreparation Preparation { get; }

        public Dictionary<string, float[]> Parameters() => Preparation.Model.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());

        public void Dispose()
        {
            Preparation.Model.Dispose();
            _encoder.Dispose();
        }
    }
}
