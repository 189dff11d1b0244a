using System.Reflection;
using System.Text.Json;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune.Tests.Training;

[TestClass]
public sealed class TrainingOptionsTests
{
    [TestMethod]
    public void DefaultsAreValid() => new TrainingOptions().Validate();

    [TestMethod]
    [DataRow(nameof(TrainingOptions.Epochs), 0)]
    [DataRow(nameof(TrainingOptions.MaxSteps), 0)]
    [DataRow(nameof(TrainingOptions.BatchSize), -1)]
    [DataRow(nameof(TrainingOptions.AccumulationSteps), 0)]
    [DataRow(nameof(TrainingOptions.LearningRate), 0.0)]
    [DataRow(nameof(TrainingOptions.LearningRate), double.NaN)]
    [DataRow(nameof(TrainingOptions.LearningRate), double.PositiveInfinity)]
    [DataRow(nameof(TrainingOptions.WeightDecay), -0.1)]
    [DataRow(nameof(TrainingOptions.WeightDecay), double.NaN)]
    [DataRow(nameof(TrainingOptions.Beta1), 1.0)]
    [DataRow(nameof(TrainingOptions.Beta2), -0.5)]
    [DataRow(nameof(TrainingOptions.Epsilon), 0.0)]
    [DataRow(nameof(TrainingOptions.Schedule), (LearningRateSchedule)17)]
    [DataRow(nameof(TrainingOptions.WarmupRatio), 1.5)]
    [DataRow(nameof(TrainingOptions.WarmupSteps), -1)]
    [DataRow(nameof(TrainingOptions.MaxGradientNorm), 0.0)]
    [DataRow(nameof(TrainingOptions.MaxGradientNorm), double.NaN)]
    [DataRow(nameof(TrainingOptions.LayerwiseLearningRateDecay), 1.1)]
    [DataRow(nameof(TrainingOptions.LabelSmoothing), 1.0)]
    [DataRow(nameof(TrainingOptions.ClassWeighting), (ClassWeighting)9)]
    [DataRow(nameof(TrainingOptions.ClassWeights), new[] { 1f, -1f })]
    [DataRow(nameof(TrainingOptions.ClassWeights), new[] { 0f, 0f })]
    [DataRow(nameof(TrainingOptions.ClassWeights), new[] { 1f, float.NaN })]
    [DataRow(nameof(TrainingOptions.ValidationFraction), 1.0)]
    [DataRow(nameof(TrainingOptions.ValidationMetric), (ValidationMetric)99)]
    [DataRow(nameof(TrainingOptions.EvaluateEverySteps), 0)]
    [DataRow(nameof(TrainingOptions.EarlyStoppingPatience), 0)]
    [DataRow(nameof(TrainingOptions.CheckpointEverySteps), 0)]
    [DataRow(nameof(TrainingOptions.CheckpointDirectory), " ")]
    [DataRow(nameof(TrainingOptions.TensorBoardDirectory), "")]
    public void ABadValueIsNamedWithWhatIsExpected(string option, object value)
    {
        var options = new TrainingOptions();
        typeof(TrainingOptions).GetProperty(option)!.SetValue(options, value);
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(options.Validate);
        StringAssert.Contains(e.Message, $"TrainingOptions.{option} is ");
        StringAssert.Contains(e.Message, "expected ");
        Assert.AreEqual(option, e.ParamName);
    }

    [TestMethod]
    public void ANegativeDurationIsNamed() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(new TrainingOptions { MaxDuration = TimeSpan.FromSeconds(-1) }.Validate).Message, "MaxDuration is -00:00:01");

    [TestMethod]
    public void SearchRangesHoldTheDefaultsAndOnlyValidValues()
    {
        var defaults = new TrainingOptions();
        int annotated = 0;
        foreach (PropertyInfo property in typeof(TrainingOptions).GetProperties())
        {
            object[] values = property.GetCustomAttribute<RangeAttribute>() is { } range ? [range.Min, range.Max, range.Init]
                : property.GetCustomAttribute<ChoiceAttribute>()?.Candidates ?? [];
            if (values.Length == 0)
                continue;
            annotated++;
            // The learning rate has no default of its own: each method has one, and the full method's is where a search starts.
            object byDefault = property.GetValue(defaults) ?? new FullFineTuning().DefaultLearningRate;
            if (property.GetCustomAttribute<RangeAttribute>() is { } bounds)
                Assert.AreEqual(byDefault, bounds.Init, property.Name);
            else
                CollectionAssert.Contains(values, byDefault, property.Name);
            foreach (object value in values)
            {
                var options = new TrainingOptions();
                property.SetValue(options, value);
                options.Validate();
            }
        }
        Assert.IsGreaterThan(5, annotated);
    }

    [TestMethod]
    public void SurvivesJsonWithoutItsRunTimeMembers()
    {
        using var source = new CancellationTokenSource();
        var options = new TrainingOptions { LearningRate = 3e-4, MaxSteps = 7, CancellationToken = source.Token, Progress = new Progress<TrainingProgress>() };
        TrainingOptions back = JsonSerializer.Deserialize<TrainingOptions>(JsonSerializer.Serialize(options))!;
        Assert.AreEqual(3e-4, back.LearningRate);
        Assert.AreEqual(7, back.MaxSteps);
        Assert.IsNull(back.Progress);
    }
}
