using Microsoft.ML;
using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests.EncoderSelections;

[TestClass]
public sealed class SelectEncoderTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void EncodersAreRankedByTheirPredictedLoss()
    {
        var told = new List<EncoderSelectionProgress>();
        EncoderSelectionOptions options = Options();
        options.Progress = new Watcher(told.Add);
        EncoderSelectionResult result = _ml.FineTuning().SelectEncoder(options);

        Assert.AreEqual(120, result.Rows);
        Assert.HasCount(2, result.Candidates);
        foreach (EncoderCandidate candidate in result.Candidates)
        {
            Assert.IsNull(candidate.Error, candidate.Error);
            CollectionAssert.AreEqual((int[])[120, 60, 30], candidate.Points.Take(3).Select(point => point.Rows).ToArray());
            Assert.AreEqual(AcceptThenStop.Predict([.. candidate.Points.Where(point => point.Accepted)], 120), candidate.PredictedLoss, 1e-12);
            CollectionAssert.AreEqual(candidate.Points.ToArray(), told.Where(run => ReferenceEquals(run.Encoder, candidate.Encoder)).Select(run => run.Point).ToArray());
            Assert.IsLessThan(Math.Log(3) + 0.2, candidate.Points[0].Loss, "no worse than guessing");
        }
        Assert.IsLessThan(result.Candidates[1].PredictedLoss, result.Candidates[0].PredictedLoss);
        // The other is of width one, of which the normalisation leaves nothing that depends on the text.
        Assert.AreSame(options.Encoders[1], result.Best);
        Assert.HasCount(2, result.ToTable().Split('\n', StringSplitOptions.RemoveEmptyEntries));

        EncoderSelectionResult again = _ml.FineTuning().SelectEncoder(Options());
        CollectionAssert.AreEqual(
            result.Candidates.Select(candidate => candidate.PredictedLoss).ToArray(), again.Candidates.Select(candidate => candidate.PredictedLoss).ToArray());
    }

    [TestMethod]
    public void EncoderThatFailsIsReported()
    {
        EncoderSelectionOptions options = Options();
        (options.Encoders, options.Method, options.MaxSubsets) = ([EncoderSource.FromDirectory("absent"), options.Encoders[1]], EncoderSelectionMethod.RectifiedScalingLaw, 5);
        options.Trainer.Training.Epochs = 1;
        EncoderSelectionResult result = _ml.FineTuning().SelectEncoder(options);
        Assert.AreSame(options.Encoders[1], result.Best);
        Assert.IsNotNull(result.Candidates[0].Law);
        Assert.HasCount(5, result.Candidates[0].Points);
        Assert.AreEqual(result.Candidates[0].Law!.LossAt(120), result.Candidates[0].PredictedLoss);
        Assert.Contains("absent", result.Candidates[1].Error!);

        options.Encoders = [options.Encoders[0], options.Encoders[0]];
        result = _ml.FineTuning().SelectEncoder(options);
        Assert.Contains("absent", Assert.ThrowsExactly<InvalidOperationException>(() => result.Best).Message);
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        Fails<ArgumentException>(options => options.Encoders = [TinySearch.Encoder], "Encoders");
        Fails<ArgumentException>(options => options.MaxShare = 0, "MaxShare");
        Fails<ArgumentException>(options => options.MaxSubsets = 2, "MaxSubsets");
        Fails<ArgumentException>(options => (options.Method, options.MaxSubsets) = (EncoderSelectionMethod.RectifiedScalingLaw, 4), "at least 5");
        Fails<ArgumentException>(options => options.StopThreshold = double.NaN, "StopThreshold");
        Fails<ArgumentException>(options => options.Trainer.ValidationSet = options.TrainingSet, "Trainer.ValidationSet");
        Fails<InvalidOperationException>(options => options.MinRows = 100, "MinRows");

        void Fails<TException>(Action<EncoderSelectionOptions> change, string named) where TException : Exception
        {
            EncoderSelectionOptions options = Options();
            change(options);
            Assert.Contains(named, Assert.ThrowsExactly<TException>(() => _ml.FineTuning().SelectEncoder(options)).Message);
        }
    }

    [TestMethod]
    public void WhatAnEncoderGaveBeforeItFailedIsKept()
    {
        EncoderSelectionOptions options = Options();
        int runs = 0;
        options.Progress = new Watcher(_ =>
        {
            if (++runs == 2)
                throw new InvalidOperationException("as a run that fails");
        });
        EncoderCandidate failed = _ml.FineTuning().SelectEncoder(options).Candidates[^1];
        Assert.Contains("as a run that fails", failed.Error!);
        Assert.HasCount(2, failed.Points);
    }

    [TestMethod]
    public void CancellationEndsTheSelection()
    {
        using var stop = new CancellationTokenSource();
        EncoderSelectionOptions options = Options();
        (options.CancellationToken, options.Progress) = (stop.Token, new Watcher(_ => stop.Cancel()));
        Assert.Throws<OperationCanceledException>(() => _ml.FineTuning().SelectEncoder(options));
    }

    [TestMethod]
    public void TheTrainingsTokenEndsTheSelectionToo()
    {
        using var stop = new CancellationTokenSource();
        EncoderSelectionOptions options = Options();
        (options.Trainer.Training.CancellationToken, options.Progress) = (stop.Token, new Watcher(_ => stop.Cancel()));
        Assert.Throws<OperationCanceledException>(() => _ml.FineTuning().SelectEncoder(options));
    }

    private EncoderSelectionOptions Options() => new()
    {
        TrainingSet = TinySearch.Data(_ml, 150, seed: 1),
        Encoders =
        [
            EncoderSource.FromScratch(new ScratchEncoderOptions { LayerCount = 1, HiddenSize = 1, HeadCount = 1, IntermediateSize = 2, VocabularySize = 100, MaxLength = 16, Dropout = 0 }),
            TinySearch.Encoder,
        ],
        Trainer = new TextClassificationOptions
        {
            Sentence1ColumnName = "Text",
            Precision = Precision.Float32,
            Training = { Epochs = 4, BatchSize = 8, LearningRate = 5e-3 },
        },
        MaxShare = 1,
        MinRows = 5,
        MaxSubsets = 4,
    };

    private sealed class Watcher(Action<EncoderSelectionProgress> look) : IProgress<EncoderSelectionProgress>
    {
        public void Report(EncoderSelectionProgress value) => look(value);
    }
}
