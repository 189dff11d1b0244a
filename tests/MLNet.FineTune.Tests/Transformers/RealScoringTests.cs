using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Transformers;

/// <summary>Scoring with a real network: rows and batches agree, threads share one copy of the weights, and memory is given back.</summary>
[TestClass]
public sealed class RealScoringTests
{
    private readonly MLContext _ml = new(7);

    /// <summary>A batch pads its rows; what is padding must not be seen.</summary>
    [TestMethod]
    [DataRow("full", false)]
    [DataRow("lora", true)]
    public void Transform_and_prediction_engine_agree(string method, bool pairs)
    {
        List<Row> rows = Rows.Make(150);
        using var model = Tiny.Fit(_ml, Tiny.Options(method, pairs, encoder: Tiny.Encoder(layers: 2)));
        using var engine = _ml.Model.CreatePredictionEngine<Row, MulticlassResult>(model, new PredictionEngineOptions { OwnsTransformer = false });
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        MulticlassResult[] batched = [.. _ml.Data.CreateEnumerable<MulticlassResult>(model.Transform(data), reuseRowObject: false)];
        for (int i = 0; i < rows.Count; i++)
        {
            MulticlassResult single = engine.Predict(rows[i]);
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(single.Score[c], batched[i].Score[c], 1e-5f, $"row {i}");
            if (single.Score.Order().ToArray() is var sorted && sorted[2] - sorted[1] > 1e-4f)
                Assert.AreEqual(single.PredictedLabel, batched[i].PredictedLabel);
            Assert.AreEqual(i, batched[i].Number);
        }
    }

    [TestMethod]
    [DataRow(Precision.Float32)]
    [DataRow(Precision.BFloat16)]
    public async Task Many_threads_get_the_scores_that_one_gets(Precision precision)
    {
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1);
        options.Precision = precision;
        using var fitted = Tiny.Fit(_ml, options);
        // Loaded, so that nothing is computed and kept yet when the threads start.
        using var folder = new TemporaryFolder();
        _ml.FineTuning().SaveModel(fitted, null, folder.File("model.zip"));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(60));
        float[][] expected = Tiny.Scores(fitted, data);
        using var model = (MulticlassTextClassificationTransformer)_ml.FineTuning().LoadModel(folder.File("model.zip"), out _);
        using var start = new Barrier(6);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(thread => Task.Factory.StartNew(
            () =>
            {
                using var engine = thread % 2 == 0 ? null : _ml.Model.CreatePredictionEngine<Row, MulticlassResult>(model, new PredictionEngineOptions { OwnsTransformer = false });
                start.SignalAndWait();
                if (engine is null)
                    Tiny.AssertSame(expected, Tiny.Scores(model, data));
                else
                    foreach ((Row row, float[] score) in Rows.Make(60).Zip(expected))
                        Assert.AreEqual(score[0], engine.Predict(row).Score[0], precision == Precision.Float32 ? 1e-5f : 2e-2f);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>Fifty times load, score, dispose: no tensor is left to the collector, and the process does not grow.</summary>
    [TestMethod]
    [DataRow("full")]
    [DataRow("lora")]
    public void Loading_scoring_and_disposing_gives_all_memory_back(string method)
    {
        using var folder = new TemporaryFolder();
        // 1.7 MB of weights, so that 40 leaked models would show.
        EncoderSource encoder = EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 2, HiddenSize = 128, HeadCount = 2, IntermediateSize = 512, VocabularySize = 300, MaxLength = 32 });
        using (var model = Tiny.Fit(_ml, Tiny.Options(method, epochs: 1, encoder: encoder)))
            _ml.FineTuning().SaveModel(model, null, folder.File("model.zip"));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(20));
        void Cycle()
        {
            var model = (IDisposable)_ml.FineTuning().LoadModel(folder.File("model.zip"), out _);
            Assert.HasCount(20, Tiny.Scores((ITransformer)model, data));
            model.Dispose();
        }

        for (int i = 0; i < 10; i++)
            Cycle();
        LiveTensors.NoneLeft(Cycle);
        long before = Environment.WorkingSet;
        for (int i = 0; i < 40; i++)
            Cycle();
        LiveTensors.Collect();
        Assert.IsLessThan(20 << 20, Environment.WorkingSet - before);
    }

    [TestMethod]
    public void Fitting_and_disposing_leaves_no_tensor_to_the_collector() => LiveTensors.NoneLeft(() =>
    {
        foreach (string method in Tiny.Methods)
            Tiny.Fit(_ml, Tiny.Options(method, epochs: 1)).Dispose();
    });

    /// <summary>A collection between cursor moves, and before first use, frees nothing that is still needed.</summary>
    [TestMethod]
    public void Collections_between_rows_change_nothing()
    {
        using var model = Tiny.Fit(_ml, Tiny.Options("lora", epochs: 1));
        IDataView data = _ml.Data.LoadFromEnumerable(Rows.Make(30));
        float[][] expected = Tiny.Scores(model, data);
        LiveTensors.Collect();
        List<float[]> found = [];
        foreach (float[] score in model.Transform(data).GetColumn<float[]>("Score"))
        {
            found.Add(score);
            if (found.Count % 10 == 0)
                LiveTensors.Collect();
        }
        Tiny.AssertSame(expected, [.. found]);
    }
}
