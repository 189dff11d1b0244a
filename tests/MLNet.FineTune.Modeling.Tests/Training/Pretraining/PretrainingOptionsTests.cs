namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class PretrainingOptionsTests
{
    private static readonly EncoderSource Teacher = EncoderSource.FromDirectory("teacher");

    public static IEnumerable<object[]> Wrong =>
    [
        .. new (string Says, Action<PretrainingOptions> Change)[]
        {
            ("names nothing to learn", options => options.MaskedLanguageModeling = null),
            ("MaskedLanguageModeling.Rate is 0;", options => options.MaskedLanguageModeling!.Rate = 0),
            ("MaskedLanguageModeling.Rate is NaN;", options => options.MaskedLanguageModeling!.Rate = double.NaN),
            ("MaskedLanguageModeling.Rate is 1;", options => options.MaskedLanguageModeling!.Rate = 1),
            ("MaskedLanguageModeling.Unit is 7;", options => options.MaskedLanguageModeling!.Unit = (MaskingUnit)7),
            ("MaskedLanguageModeling.MaskShare is 1.1;", options => options.MaskedLanguageModeling!.MaskShare = 1.1),
            ("MaskedLanguageModeling.RandomShare is 0.3;", options => options.MaskedLanguageModeling!.RandomShare = 0.3),
            ("MaskedLanguageModeling.Weight is 0;", options => options.MaskedLanguageModeling!.Weight = 0),
            ("ContrastiveLearning.Pairs is None;", options => options.Contrastive = new ContrastiveLearning { Pairs = PassagePairs.None }),
            ("ContrastiveLearning.Pairs is 9;", options => options.Contrastive = new ContrastiveLearning { Pairs = (PassagePairs)9 }),
            ("ContrastiveLearning.Temperature is 0;", options => options.Contrastive = new ContrastiveLearning { Temperature = 0 }),
            ("ContrastiveLearning.Weight is -1;", options => options.Contrastive = new ContrastiveLearning { Weight = -1 }),
            ("BagOfWordsPrediction.Weight is Infinity;", options => options.BagOfWords = new BagOfWordsPrediction { Weight = double.PositiveInfinity }),
            ("BagOfWordsPrediction.MaxTexts is 0;", options => options.BagOfWords = new BagOfWordsPrediction { MaxTexts = 0 }),
            ("EncoderDistillation.Teacher is null;", options => options.Distillation = new EncoderDistillation()),
            ("EncoderDistillation.Teacher is a new encoder", options => options.Distillation = new EncoderDistillation { Teacher = EncoderSource.FromScratch() }),
            ("EncoderDistillation.HiddenWeight is -1;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, HiddenWeight = -1 }),
            ("EncoderDistillation.EmbeddingWeight is NaN;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, EmbeddingWeight = double.NaN }),
            ("EncoderDistillation.EmbeddingWeight is 0; expected above 0, or HiddenWeight", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, EmbeddingWeight = 0 }),
            ("EncoderDistillation.HiddenMatch is 5;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, HiddenMatch = (HiddenStateMatch)5 }),
            ("EncoderDistillation.EmbeddingMatch is 5;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, EmbeddingMatch = (EmbeddingMatch)5 }),
            ("EncoderDistillation.AdditionalTeachers is null;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, AdditionalTeachers = null! }),
            ("EncoderDistillation.AdditionalTeachers[1] is a new encoder", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, AdditionalTeachers = [Teacher, EncoderSource.FromScratch()] }),
            ("EncoderDistillation.AdditionalTeachers is a list of 1; expected an empty one", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, AdditionalTeachers = [Teacher], EmbeddingWeight = 0, HiddenWeight = 1 }),
            ("EncoderDistillation.FirstWordDimensions is -1;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, FirstWordDimensions = -1 }),
            ("EncoderDistillation.FirstWordDimensions is 3; expected 0", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, FirstWordDimensions = 3, EmbeddingWeight = 0, HiddenWeight = 1 }),
            ("EncoderDistillation.FirstWordScale is 0;", options => options.Distillation = new EncoderDistillation { Teacher = Teacher, FirstWordScale = 0 }),
            ("PretrainingOptions.MaxLength is 7;", options => options.MaxLength = 7),
            ("PretrainingOptions.Dropout is 1;", options => options.Dropout = 1),
            ("PretrainingOptions.Precision is 9;", options => options.Precision = (Precision)9),
            ("PretrainingOptions.Training is null;", options => options.Training = null!),
            ("TrainingOptions.BatchSize is 0;", options => options.Training.BatchSize = 0),
            ("with validation", options => options.Training.ValidationFraction = 0.1),
        }.Select(wrong => new object[] { wrong.Says, wrong.Change }),
    ];

    [TestMethod]
    [DynamicData(nameof(Wrong))]
    public void A_wrong_value_is_named(string says, Action<PretrainingOptions> change)
    {
        var options = new PretrainingOptions();
        change(options);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(options.Validate).Message, says);
    }

    [TestMethod]
    public void Each_loss_may_stand_alone()
    {
        new PretrainingOptions().Validate();
        new PretrainingOptions { MaskedLanguageModeling = null, Contrastive = new() }.Validate();
        new PretrainingOptions { MaskedLanguageModeling = null, BagOfWords = new() }.Validate();
        new PretrainingOptions { MaskedLanguageModeling = null, Distillation = new() { Teacher = Teacher } }.Validate();
    }
}
