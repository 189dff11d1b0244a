using MLNet.FineTune.Search;

namespace MLNet.FineTune.AutoML;

/// <summary>What varies where no space is given: the options of the method that carry ML.NET's search attributes, the learning rate and the number of epochs, beginning with the values that they have.</summary>
internal static class MarkedOptions
{
    private static readonly string[] OfTraining = [nameof(TrainingOptions.LearningRate), nameof(TrainingOptions.Epochs)];

    /// <param name="space">A space; null for that of the marked options.</param>
    /// <param name="trainer">Method and training.</param>
    /// <exception cref="ArgumentException">A whole number of the space is too large for AutoML.</exception>
    public static PeftOptionSpace SpaceOrDefault(PeftSearchSpace? space, TextClassificationOptions trainer) =>
        space is null ? new PeftOptionSpace(Of(trainer), Initial(trainer)) : new PeftOptionSpace(space, new Dictionary<string, object>());

    private static PeftSearchSpace Of(TextClassificationOptions trainer)
    {
        PeftMethod method = trainer.Peft;
        var builder = new ParameterSpaceBuilder();
        OptionsReflection.Describe(method.GetType(), method, "", builder);
        foreach (Dimension dimension in ParameterSpace.Of<TrainingOptions>().Dimensions.Where(dimension => OfTraining.Contains(dimension.Name)))
            builder.Add(dimension);
        builder.Require($"the options of {method.GetType().Name} fit together", point => Create(point).IsValid);
        return PeftSearchSpace.Of(builder.Build(), Create, SetTraining);

        PeftMethod Create(IReadOnlyDictionary<string, object> point) => (PeftMethod)OptionsReflection.Create(method.GetType(), method, point);
    }

    private static void SetTraining(IReadOnlyDictionary<string, object> point, TrainingOptions training)
    {
        training.LearningRate = (double)point[nameof(TrainingOptions.LearningRate)];
        training.Epochs = (int)(long)point[nameof(TrainingOptions.Epochs)];
    }

    private static Dictionary<string, object> Initial(TextClassificationOptions trainer)
    {
        var initial = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [nameof(TrainingOptions.LearningRate)] = trainer.Training.LearningRate ?? trainer.Peft.DefaultLearningRate,
            [nameof(TrainingOptions.Epochs)] = (long)trainer.Training.Epochs,
        };
        foreach (System.Reflection.PropertyInfo property in trainer.Peft.GetType().GetProperties())
            if (property.GetIndexParameters().Length == 0 && property.GetValue(trainer.Peft) is (bool or string or Enum or int or float or double) and var value)
                initial[property.Name] = ParameterValues.Normalize(property.Name, value);
        return initial;
    }
}
