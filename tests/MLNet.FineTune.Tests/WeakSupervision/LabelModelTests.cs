using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tests.Trainers;
using static MLNet.FineTune.Tests.WeakSupervision.LabelingFunctionsTests;

namespace MLNet.FineTune.Tests.WeakSupervision;

/// <summary>The label model as plain data, as an estimator and in a zip; and what it says to bad input.</summary>
[TestClass]
public sealed class LabelModelTests
{
    private readonly MLContext _ml = new(7);

    internal static LabelModel[] Methods => [new MajorityVote(), new WeightedVote(), new DawidSkene(), new DataProgramming { Dependencies = [("likes", "short")] }];

    private IDataView Votes => _ml.FineTuning().ApplyLabelingFunctions(_ml.Data.LoadFromEnumerable(Comments), Functions);

    [TestMethod]
    public void Labels_and_probabilities_are_the_same_as_data_and_as_columns()
    {
        foreach (LabelModel method in Methods)
        {
            LabelModelReport report = _ml.FineTuning().FitLabelModel(Votes, new LabelModelOptions { Method = method });
            IDataView labelled = _ml.FineTuning().CombineVotes(new LabelModelOptions { Method = method }).Fit(Votes).Transform(Votes);
            uint[] keys = [.. labelled.GetColumn<uint>("WeakLabel")];
            float[][] probabilities = [.. labelled.GetColumn<float[]>("WeakProbabilities")];
            Assert.AreEqual(0u, keys[2], "all functions abstain");
            for (int row = 0; row < keys.Length; row++)
            {
                Assert.AreEqual((int)keys[row] - 1, report.Labels[row]);
                CollectionAssert.AreEqual(report.Probabilities[row], probabilities[row]);
                Assert.AreEqual(1, probabilities[row].Sum(), 1e-6);
                CollectionAssert.AreEqual(probabilities[row], report.Model.ComputeProbabilities(Functions.Apply(Comments[row])));
            }
            if (method is not DataProgramming) // which five rows teach nothing
                CollectionAssert.AreEqual(new[] { 1, 0, -1 }, report.Labels[..3], method.ToString());
            StringAssert.Contains(report.ToTable(), "none 1.");
            Assert.AreEqual(method is MajorityVote, report.Accuracies is null);
        }
    }

    [TestMethod]
    public void Columns_work_with_the_rest_of_ml_net()
    {
        var pipeline = _ml.FineTuning().CombineVotes(new LabelModelOptions { Method = new MajorityVote() }).Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "WeakLabel"));
        ITransformer model = pipeline.Fit(Votes);
        string[] names = [.. model.Transform(Votes).GetColumn<string>("Name")];
        CollectionAssert.AreEqual(new[] { "spam", "ham", "", "ham", "ham" }, names);
        DataViewSchema schema = model.GetOutputSchema(Votes.Schema);
        VBuffer<ReadOnlyMemory<char>> slots = default;
        schema["WeakProbabilities"].GetSlotNames(ref slots);
        CollectionAssert.AreEqual(new[] { "ham", "spam" }, slots.DenseValues().Select(name => name.ToString()).ToArray());
        // What was promised is what came.
        OutputSchemaTests.AssertSame(pipeline.GetOutputSchema(Votes.Schema.Shape()), schema.Shape());
        using var engine = _ml.Model.CreatePredictionEngine<Cast, Label>(_ml.FineTuning().CombineVotes(new LabelModelOptions { ClassCount = 2, Method = new MajorityVote() })
            .Fit(_ml.Data.LoadFromEnumerable<Cast>([new() { Votes = [0, 1, 1] }])));
        Assert.AreEqual(2u, engine.Predict(new Cast { Votes = [0, 1, 1] }).WeakLabel);
        Assert.AreEqual(1u, engine.Predict(new Cast { Votes = [0, -1, 1] }).WeakLabel);
        Assert.AreEqual(0u, engine.Predict(new Cast { Votes = [-1, float.NaN, -1] }).WeakLabel);
    }

    [TestMethod]
    public void A_loaded_model_gives_bit_equal_probabilities()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        foreach (LabelModel method in Methods)
        {
            LabelModelTransformer model = _ml.FineTuning().CombineVotes(new LabelModelOptions { Method = method, WeakLabelColumnName = "L", WeakProbabilitiesColumnName = "P" }).Fit(Votes);
            _ml.Model.Save(model, Votes.Schema, path);
            var back = (LabelModelTransformer)new MLContext().Model.Load(path, out _);
            CollectionAssert.AreEqual(model.FunctionNames.ToArray(), back.FunctionNames.ToArray());
            CollectionAssert.AreEqual(model.ClassBalance.ToArray(), back.ClassBalance.ToArray());
            float[][] expected = [.. model.Transform(Votes).GetColumn<float[]>("P")], found = [.. back.Transform(Votes).GetColumn<float[]>("P")];
            for (int row = 0; row < expected.Length; row++)
                CollectionAssert.AreEqual(expected[row], found[row]);
            CollectionAssert.AreEqual(model.Transform(Votes).GetColumn<uint>("L").ToArray(), back.Transform(Votes).GetColumn<uint>("L").ToArray());
        }
        byte[] zip = Zip.With(File.ReadAllBytes(path), "TransformerChain/Model.key", key =>
        {
            key[key.Length / 2] ^= 1;
            return key;
        });
        File.WriteAllBytes(path, zip);
        Says<InvalidDataException>(() => _ml.FineTuning().LoadModel(path, out _), "Model.key");
    }

    [TestMethod]
    public void Classes_come_from_the_options_or_with_the_votes()
    {
        IDataView numbers = Data([0, 1, -1], [1, 1, 0]);
        Says<ArgumentException>(() => Fit(numbers, new LabelModelOptions()), nameof(LabelModelOptions.ClassNames), nameof(LabelModelOptions.ClassCount));
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, Fit(numbers, new LabelModelOptions { ClassCount = 3 }).ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "no", "yes" }, Fit(numbers, new LabelModelOptions { ClassNames = ["no", "yes"] }).ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "ham", "spam" }, Fit(Votes, new LabelModelOptions()).ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "function 0", "function 1", "function 2" }, Fit(numbers, new LabelModelOptions { ClassCount = 2 }).Model.FunctionNames.ToArray());
    }

    [TestMethod]
    public void Votes_that_cannot_be_are_named()
    {
        var options = new LabelModelOptions { ClassCount = 2 };
        Says<InvalidOperationException>(() => Fit(Data([0, 1], [1, 2]), options), "'function 1'", "row 1", "is 2", "0 to 1");
        Says<InvalidOperationException>(() => Fit(Data([0, 1], [1, 0.5f]), options), "row 1", "is 0.5");
        Says<InvalidOperationException>(() => Fit(Data([0, 1], [1, -2]), options), "row 1", "is -2");
        Says<InvalidOperationException>(() => Fit(Data([0, 1], [1]), options), "Row 1", "1 votes", "expected 2");
        Says<InvalidOperationException>(() => Fit(Data([-1, -1], [-1, float.NaN]), options), "2 labelling functions abstain on all 2 rows");
        Says<InvalidOperationException>(() => Fit(Data([], []), options), "no labelling function");
        Says<InvalidOperationException>(() => Fit(Data(), options), "no rows");
        Says<ArgumentOutOfRangeException>(() => Fit(_ml.Data.LoadFromEnumerable(Comments), options), "'Votes'", "'Text'");
        Says<ArgumentOutOfRangeException>(() => Fit(_ml.Data.LoadFromEnumerable(Comments), new LabelModelOptions { ClassCount = 2, VotesColumnName = "Text" }), "'Text'", "a vector of numbers");
    }

    [TestMethod]
    public void Other_functions_than_the_models_are_refused()
    {
        LabelModelTransformer model = _ml.FineTuning().CombineVotes().Fit(Votes);
        Says<ArgumentOutOfRangeException>(() => model.Transform(_ml.FineTuning().ApplyLabelingFunctions(_ml.Data.LoadFromEnumerable(Comments), Functions.Add("more", _ => 0))), "vector of 5 votes", "vector of 6");
        var turned = new LabelingFunctions<Comment>(["ham", "spam"]).Add("likes", _ => 0).Add("b", _ => 0).Add("c", _ => 0).Add("d", _ => 0).Add("e", _ => 0);
        Says<ArgumentOutOfRangeException>(() => model.Transform(_ml.FineTuning().ApplyLabelingFunctions(_ml.Data.LoadFromEnumerable(Comments), turned)), "'has link' in slot 0", "'likes'");
        // ML.NET may read in parallel, and wraps what a worker throws.
        Exception cause = Assert.Throws<Exception>(() => model.Transform(Data([0, 1], [1, 0])).GetColumn<uint>("WeakLabel").ToArray()).GetBaseException();
        StringAssert.Contains(cause.Message, "2 votes in 'Votes'; expected 5");
        Says<ArgumentException>(() => model.ComputeProbabilities(0, 1), "2 votes", "expected 5");
        Says<ArgumentOutOfRangeException>(() => model.ComputeProbabilities(0, 1, 5, 0, 0), "'shouting'", "is 5");
    }

    [TestMethod]
    public void Options_that_cannot_be_are_named()
    {
        Refused(o => o.ClassCount = 1, "ClassCount is 1");
        Refused(o => (o.ClassCount, o.ClassNames) = (3, ["a", "b"]), "ClassCount is 3");
        Refused(o => o.ClassNames = ["a", ""], "class name is empty");
        Refused(o => o.ClassBalance = [0.5, 0.6], "ClassBalance is [0.5, 0.6]", "sum is 1");
        Refused(o => o.Method = null!, "Method is null");
        Refused(o => o.WeakLabelColumnName = o.WeakProbabilitiesColumnName, "two columns");
        Refused(o => o.Method = new DawidSkene { Smoothing = 0 }, "DawidSkene.Smoothing is 0");
        Refused(o => o.Method = new DawidSkene { Iterations = 0 }, "DawidSkene.Iterations is 0");
        Refused(o => o.Method = new DataProgramming { Regularization = -1 }, "DataProgramming.Regularization is -1");
        Refused(o => o.Method = new WeightedVote { PriorAccuracy = 1 }, "WeightedVote.PriorAccuracy is 1");
        Says<ArgumentException>(() => Fit(Votes, new LabelModelOptions { ClassBalance = [0.2, 0.3, 0.5] }), "ClassBalance is of 3 classes", "each of the 2");
        Says<ArgumentException>(() => Fit(Votes, new LabelModelOptions { Method = new DataProgramming { PriorAccuracy = 0.5 } }), "PriorAccuracy is 0.5", "more than 0.5");

        void Refused(Action<LabelModelOptions> change, params string[] parts)
        {
            var options = new LabelModelOptions();
            change(options);
            Says<ArgumentException>(() => _ml.FineTuning().CombineVotes(options), parts);
        }
    }

    private LabelModelReport Fit(IDataView votes, LabelModelOptions options) => _ml.FineTuning().FitLabelModel(votes, options);

    private IDataView Data(params float[][] votes) => _ml.Data.LoadFromEnumerable(votes.Select(row => new Cast { Votes = row }));

    private sealed class Cast
    {
        public float[] Votes { get; set; } = [];
    }

    private sealed class Label
    {
        public uint WeakLabel { get; set; }
    }
}
